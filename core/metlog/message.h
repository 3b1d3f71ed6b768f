#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <string>
#include <utility>

#include "metlog/value.h"

namespace metlog {

/// A message that a filter may read and change before it is sent: the contents of the envelope
/// without pid and host. Used by one thread.
class Message {
 public:
  struct Parts {
    std::string type;
    std::int64_t utc_ns = 0;  // the time stamp
    std::string logger;
    std::int64_t severity = 6;
    Value payload;
    ValueMap fields;
  };

  Message() = default;
  explicit Message(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] const std::string& type() const { return parts_.type; }
  [[nodiscard]] std::int64_t utc_ns() const { return parts_.utc_ns; }
  [[nodiscard]] const std::string& logger() const { return parts_.logger; }
  [[nodiscard]] std::int64_t severity() const { return parts_.severity; }
  [[nodiscard]] const Value& payload() const { return parts_.payload; }
  [[nodiscard]] const ValueMap& fields() const { return parts_.fields; }

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
