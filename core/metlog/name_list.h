#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string_view>

namespace metlog {

/// Names as a call takes them: {"db.query", "render"}. Refers to an array that outlives the call.
class NameList {
 public:
  constexpr NameList() = default;
  constexpr NameList(std::initializer_list<std::string_view> names)
      : begin_(std::data(names)), size_(names.size()) {}
  constexpr NameList(const std::string_view* begin, std::size_t size)
      : begin_(begin), size_(size) {}

  [[nodiscard]] constexpr const std::string_view* begin() const { return begin_; }
  [[nodiscard]] constexpr const std::string_view* end() const { return begin_ + size_; }

 private:
  const std::string_view* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace metlog
