#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// What an error is about, where several have the same status code. The reference has a class of
/// exceptions for most of them.
enum class ErrorKind : std::uint8_t {
  kOther,             // what the code says
  kVariableNotFound,  // `${NAME}` is not in the environment: EnvironmentNotFoundError
  kMethodNotFound,    // call() of a name that the client has no method for: MethodNotFoundError
  kSectionNotFound,   // the configuration has no such section: NoSectionError
  kFileNotFound,      // the configuration's file does not exist: IOError
  kProviderNotFound,  // no sender class, filter, plugin, ... of that name: ImportError
  kNameInUse,         // a method's name is taken: SyntaxError
};

/// The kind of an error and the name that it is about: the variable, method, section, file,
/// provider. The name is empty for kOther.
struct ErrorDetail {
  ErrorKind kind = ErrorKind::kOther;
  std::string name = {};
};

/// Returns what is known about an error that a function of metlog returned:
///
///   if (error_detail(client.status()).kind == metlog::ErrorKind::kVariableNotFound) ...
///
/// It is a payload of the status, which copies keep. Thread-safe.
ErrorDetail error_detail(const absl::Status& status);

/// Returns the status with this detail. For providers of the program, too.
absl::Status with_detail(absl::Status status, ErrorKind kind, std::string_view name);

/// Returns the status with another message; code and details stay.
absl::Status with_message(const absl::Status& status, std::string_view message);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
