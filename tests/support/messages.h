#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// Functions that read captured messages, by simdjson.

/// A failure of the test unless `message` is valid JSON with the nine keys of an envelope, each of
/// its type.
void expect_is_envelope(std::string_view message);

/// True for a metlog.loss message.
bool is_loss(std::string_view message);
/// True for a metlog.clock message.
bool is_clock(std::string_view message);
/// True for a metlog.stats message.
bool is_stats(std::string_view message);
/// Its count and its reason.
std::uint64_t loss_count(std::string_view message);
std::string loss_reason(std::string_view message);

/// Returns the payload if it is a string, else "(not a string)".
std::string payload_of(std::string_view message);
/// Returns a field as JSON without whitespace; "(absent)" when there is none.
std::string field_of(std::string_view message, std::string_view key);

/// True when two JSON documents have equal values: keys in any order, numbers by value.
bool is_same_json(std::string_view left, std::string_view right);

}  // namespace metlog
