#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "metlog/value.h"

namespace metlog {

/// Where a message comes from: its call, thread and process. What is not known is empty or 0, as in
/// messages of the engine, of Client::send_message(), and from another process.
struct MessageSource {
  std::string_view file = {};      // as the compiler was given it; valid until the process ends
  std::string_view function = {};  // `shop::Cart::add`; valid until the process ends
  std::uint32_t line = 0;
  std::uint32_t thread_id = 0;   // the system's, as gettid() returns it
  std::string thread_name = {};  // when the thread made its first call
  std::string process = {};      // the program's name
};

/// A message that a filter may read and change before it is sent: the contents of the envelope
/// without pid and host, and where it comes from. Used by one thread.
class Message {
 public:
  struct Parts {
    std::string type;
    std::int64_t utc_ns = 0;  // the time stamp
    std::string logger;
    std::int64_t severity = 6;
    Value payload;
    ValueMap fields;
    MessageSource source = {};
  };

  Message() = default;
  explicit Message(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] const std::string& type() const { return parts_.type; }
  [[nodiscard]] std::int64_t utc_ns() const { return parts_.utc_ns; }
  [[nodiscard]] const std::string& logger() const { return parts_.logger; }
  [[nodiscard]] std::int64_t severity() const { return parts_.severity; }
  [[nodiscard]] const Value& payload() const { return parts_.payload; }
  [[nodiscard]] const ValueMap& fields() const { return parts_.fields; }
  [[nodiscard]] const MessageSource& source() const { return parts_.source; }

  // Each of these marks the message as changed; it is then encoded again, at some cost.
  void set_type(std::string type) { change().type = std::move(type); }
  void set_utc_ns(std::int64_t utc_ns) { change().utc_ns = utc_ns; }
  void set_logger(std::string logger) { change().logger = std::move(logger); }
  void set_severity(std::int64_t severity) { change().severity = severity; }
  void set_payload(Value payload) { change().payload = std::move(payload); }
  /// `message.change_fields().set("host", "a1")`
  ValueMap& change_fields() { return change().fields; }

  [[nodiscard]] bool is_changed() const { return is_changed_; }

 private:
  Parts& change() {
    is_changed_ = true;
    return parts_;
  }

  Parts parts_;
  bool is_changed_ = false;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
