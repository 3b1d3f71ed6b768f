#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace metlog {

/// Takes numbers and texts from bytes that nobody vouches for. After the first that is missing
/// nothing more is read, and is_whole() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    T number{};
    const std::string_view bytes = take_bytes(sizeof number);
    if (is_whole_) std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  std::string_view take_bytes(std::size_t size) {
    is_whole_ = is_whole_ && size <= rest_.size();
    if (!is_whole_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  /// Takes a text with its length in front.
  std::string take_text() { return std::string(take_bytes(take<std::uint32_t>())); }

  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

}  // namespace metlog
