#pragma once

#include <string>

namespace metlog {

/// Where a value of a configuration was written, for messages and `metlog config --explain`.
struct ValueOrigin {
  std::string file;       // as messages name it; empty: the program gave the value
  int line = 0;           // from 1; 0 when unknown
  std::string section;    // of an INI file, DEFAULT too; else empty
  std::string key;        // the option's name; without a section the path: sender.port, filters[0]
  std::string written;    // an INI option's text, before interpolation and conversion
  int replaced_line = 0;  // where the same option stood before, which counts no more; or 0
  bool is_interpolated = false;  // `written` has %(name)s
  std::string variables;         // of the environment, separated by ", "; or empty
};

}  // namespace metlog
