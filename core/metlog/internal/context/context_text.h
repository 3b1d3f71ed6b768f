#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace metlog {

/// The most bytes that a thread's context takes, encoded as field_bytes.h says: so few that the
/// smallest ring holds it beside a call.
inline constexpr std::size_t kMaxContextBytes = 2048;
/// The same with the field that tells of a refused scope.
inline constexpr std::size_t kMaxContextRecordBytes = kMaxContextBytes + 64;

/// A thread's context as its messages show it, rendered once when it changes.
struct ContextText {
  /// Where one field stands in the texts.
  struct Part {
    std::string key;
    std::uint32_t json_begin;
    std::uint32_t line_begin;
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

}  // namespace metlog
