#include "tests/support/messages.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>

namespace metlog {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// A parsed message; the parser owns what the element points to.
struct Parsed {
  explicit Parsed(std::string_view text) { error = parser.parse(text).get(root); }
  simdjson::dom::parser parser;
  element root;
  simdjson::error_code error;
};

bool is_number(const element& value) {
  return value.type() == element_type::INT64 || value.type() == element_type::UINT64 ||
         value.type() == element_type::DOUBLE;
}

bool is_same(const element& left, const element& right) {
  if (is_number(left) && is_number(right)) return double(left) == double(right);
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case element_type::STRING:
      return std::string_view(left) == std::string_view(right);
    case element_type::BOOL:
      return bool(left) == bool(right);
    case element_type::OBJECT: {
      const simdjson::dom::object a = left;
      const simdjson::dom::object b = right;
      if (a.size() != b.size()) return false;
      for (const auto& [key, value] : a) {
        element other;
        if (b.at_key(key).get(other) != simdjson::SUCCESS || !is_same(value, other)) return false;
      }
      return true;
    }
    case element_type::ARRAY: {
      const simdjson::dom::array a = left;
      const simdjson::dom::array b = right;
      if (a.size() != b.size()) return false;
      auto other = b.begin();
      for (const element value : a) {
        if (!is_same(value, *other)) return false;
        ++other;
      }
      return true;
    }
    default:
      return true;
  }
}

}  // namespace

void expect_is_envelope(std::string_view message) {
  const Parsed parsed(message);
  ASSERT_EQ(parsed.error, simdjson::SUCCESS) << message;
  ASSERT_TRUE(parsed.root.is<simdjson::dom::object>()) << message;
  ASSERT_EQ(simdjson::dom::object(parsed.root).size(), 9U) << message;
  for (const char* const key : {"type", "logger", "env_version", "metlog_hostname", "timestamp"}) {
    ASSERT_EQ(parsed.root[key].is<std::string_view>(), true) << key << " in " << message;
  }
  ASSERT_EQ(parsed.root["severity"].is<std::int64_t>(), true) << message;
  ASSERT_EQ(parsed.root["metlog_pid"].is<std::int64_t>(), true) << message;
  ASSERT_EQ(parsed.root["fields"].is<simdjson::dom::object>(), true) << message;
  ASSERT_EQ(parsed.root["payload"].error(), simdjson::SUCCESS) << message;
}

bool is_loss(std::string_view message) { return message.starts_with("{\"type\":\"metlog.loss\","); }

bool is_clock(std::string_view message) {
  return message.starts_with("{\"type\":\"metlog.clock\",");
}

bool is_stats(std::string_view message) {
  return message.starts_with("{\"type\":\"metlog.stats\",");
}

std::uint64_t loss_count(std::string_view message) {
  const Parsed parsed(message);
  return parsed.root["fields"]["count"].get_uint64().value();
}

std::string loss_reason(std::string_view message) {
  const Parsed parsed(message);
  return std::string(parsed.root["fields"]["reason"].get_string().value());
}

std::string payload_of(std::string_view message) {
  const Parsed parsed(message);
  std::string_view text;
  const bool is_text =
      parsed.error == simdjson::SUCCESS && parsed.root["payload"].get(text) == simdjson::SUCCESS;
  return is_text ? std::string(text) : "(not a string)";
}

std::string field_of(std::string_view message, std::string_view key) {
  const Parsed parsed(message);
  element field;
  if (parsed.root["fields"][key].get(field) != simdjson::SUCCESS) return "(absent)";
  return simdjson::to_string(field);
}

bool is_same_json(std::string_view left, std::string_view right) {
  const Parsed a(left);
  const Parsed b(right);
  return a.error == simdjson::SUCCESS && b.error == simdjson::SUCCESS && is_same(a.root, b.root);
}

}  // namespace metlog
