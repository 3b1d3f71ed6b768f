#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/config/config_value.h"

namespace metlog {

/// What is wrong with a configuration: all of it, not only the first. Used by one thread.
class ConfigErrors {
 public:
  /// `key` is the path of the setting, such as output.errors.on_full; `what` says what is wrong
  /// with it, names its value, and what to write.
  void add(const ConfigPlace& place, std::string_view key, std::string_view what);
  /// What is allowed but hardly meant.
  void add_note(const ConfigPlace& place, std::string_view key, std::string_view what);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Errors; notes do not count.
  [[nodiscard]] std::size_t count() const { return count_; }

  /// One line each, in the order of files and lines: "metlogd.toml:12:8: output.errors.on_full:
  /// ...", "--out a: ...". Control characters are escaped.
  [[nodiscard]] std::vector<std::string> errors() const { return lines(false); }
  [[nodiscard]] std::vector<std::string> notes() const { return lines(true); }

 private:
  struct Entry {
    ConfigPlace place;
    std::string key;
    std::string what;
    bool is_note;
  };
  [[nodiscard]] std::vector<std::string> lines(bool notes) const;

  std::vector<Entry> entries_;
  std::size_t count_ = 0;
};

}  // namespace metlog
