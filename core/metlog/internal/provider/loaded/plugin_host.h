#pragma once

#include <exception>
#include <string>
#include <string_view>

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

}  // namespace metlog
