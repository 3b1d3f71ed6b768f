#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <string_view>

#include "metlog/filter.h"
#include "metlog/plugin_abi.h"

namespace metlog {

/// The functions that metlog offers to providers in shared objects.
extern const metlog_host g_plugin_host;

inline metlog_text c_text(std::string_view text) { return {text.data(), text.size()}; }
/// Empty for null data.
inline std::string_view view_of(metlog_text text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
/// An answer that is stored in `text`, which must outlive it.
metlog_answer answer_into(std::string& text);

/// Returns the result of `function`; METLOG_PLUGIN_ERROR with the reason in `error` if it throws:
/// C functions must not throw, but a provider written in C++ may.
template <class Function>
int guarded(std::string& error, const Function& function) {
  try {
    return function();
  } catch (const std::exception& thrown) {
    error = std::string("threw '").append(thrown.what()).append("'");
  } catch (...) {
    error = "threw something that is not a std::exception";
  }
  return METLOG_PLUGIN_ERROR;
}

/// A message for a filter in a shared object, which reads it through the functions of metlog_host.
class PluginMessage {
 public:
  explicit PluginMessage(Message& message) : message_(message) {}
  PluginMessage(const PluginMessage&) = delete;
  PluginMessage& operator=(const PluginMessage&) = delete;

  /// Valid while this lives.
  metlog_message* get() { return reinterpret_cast<metlog_message*>(this); }

  // The host's functions; see plugin_abi.h. They do not throw.
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
  std::deque<std::string> owned_texts_;  // data of returned texts, until the filter returns
};

}  // namespace metlog
