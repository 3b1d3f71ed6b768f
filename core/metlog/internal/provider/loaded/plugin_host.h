#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <string_view>

#include "metlog/filter.h"
#include "metlog/plugin_abi.h"

namespace metlog {

/// The functions that a provider in a shared object is given.
extern const metlog_host g_plugin_host;

inline metlog_text c_text(std::string_view text) { return {text.data(), text.size()}; }
/// Empty for one without data.
inline std::string_view view_of(metlog_text text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
/// Stores what it is given in `text`, which outlives it.
metlog_answer answer_into(std::string& text);

/// What `function` returns; METLOG_PLUGIN_ERROR, and the reason in `error`, when it throws, for
/// nothing may leave a C function, and a provider that is C++ may forget it.
template <class Function>
int guarded(std::string& error, const Function& function) {
  try {
    return function();
  } catch (const std::exception& thrown) {
    error = std::string("threw '").append(thrown.what()).append("'");
  } catch (...) {
    error = "threw something that is no std::exception";
  }
  return METLOG_PLUGIN_ERROR;
}

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
  std::deque<std::string> owned_texts_;  // what texts point at, until the filter returns
};

}  // namespace metlog
