#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "metlog/filter.h"
#include "metlog/plugin_abi.h"

namespace metlog {

/// A message as a filter in a shared object sees it: through the functions of metlog_host.
class PluginMessage {
 public:
  explicit PluginMessage(Message& message) : message_(message) {}
  PluginMessage(const PluginMessage&) = delete;
  PluginMessage& operator=(const PluginMessage&) = delete;

  /// Good while this lives.
  metlog_message* get() { return reinterpret_cast<metlog_message*>(this); }

  // The host's functions; see plugin_abi.h. They let nothing they throw out.
  static metlog_text text_of(const metlog_message* message, metlog_text key);
  static std::int32_t severity_of(const metlog_message* message);
  static int set_text(metlog_message* message, metlog_text key, metlog_text value);
  static void set_severity(metlog_message* message, std::int32_t severity);

 private:
  static PluginMessage& from(const metlog_message* message) {
    return *reinterpret_cast<PluginMessage*>(const_cast<metlog_message*>(message));
  }

  metlog_text keep(std::string text);

  Message& message_;
  std::deque<std::string> kept_;  // what texts point at, until the filter returns
};

}  // namespace metlog
