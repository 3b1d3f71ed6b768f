#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace metlog {

/// Maximum bytes of a thread's context, encoded as field_bytes.h says: so few that the smallest
/// ring holds it together with a call.
inline constexpr std::size_t kMaxContextBytes = 2048;
/// The maximum with the field that reports a refused scope.
inline constexpr std::size_t kMaxContextRecordBytes = kMaxContextBytes + 64;

/// The thread that made a call.
struct ThreadText {
  std::uint32_t id = 0;  // the system's; 0 when it is not known
  std::string name;
  std::uint64_t serial = 0;  // unique for id and name; 0 for none
};

/// A thread's context in the formats of messages, rendered once when it changes.
struct ContextText {
  /// The place of one field in `json` and `line`.
  struct Part {
    std::string key;
    std::uint32_t json_begin;
    std::uint32_t line_begin;
    std::uint32_t json_value;  // where its value begins
    std::uint32_t line_value;
  };

  std::vector<Part> parts;
  std::string json;       // `,"request_id":"4711","tenant":"shop"`
  std::string line;       // ` request_id=4711 tenant=shop`
  std::size_t bytes = 0;  // of the longer of the two; 0 when there is no context

  void clear() {
    parts.clear();
    json.clear();
    line.clear();
    bytes = 0;
  }
};

/// Renders the arguments of a ControlRecord::kContextSet (field_bytes.h has their form) in both
/// formats. Lengths that a damaged record claims are cut to its size.
void render_context(ContextText& text, const unsigned char* bytes, std::size_t size);

}  // namespace metlog
