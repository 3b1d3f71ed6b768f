#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/arg_role.h"

namespace metlog {

/// An argument's place in a record.
struct PlannedArg {
  ArgRole role;
  std::uint8_t key_bytes;
  bool is_behind;  // its bytes stand behind the fixed part, which holds their length
  std::string_view type;
  std::size_t offset;  // of the key in the fixed part
  std::size_t bytes;   // of the value in the fixed part
};

/// An argument's bytes in one record.
struct ArgBytes {
  std::string_view key;
  const unsigned char* at;
  std::size_t size;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(at), size}; }
};

}  // namespace metlog
