#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// The form in which a secret is written.
enum class SecretForm : std::uint8_t {
  /// ***
  kMasked,
  /// *** and the last four bytes of a string, or digits of a number, with at least eight; else ***.
  kLastFour,
  /// 16 hexadecimal digits, equal for equal values: SipHash-2-4 with the key of set_secret_key().
  /// Without a key, an attacker can confirm a guess of the secret.
  kHashed,
};

/// Sets the key of SecretForm::kHashed for the whole process; the default is zero. Set it before
/// the first call that hashes, because hashes under different keys cannot be compared.
void set_secret_key(std::uint64_t first_half, std::uint64_t second_half);

/// The written form of a secret. Calls take it as a string: `{"user", user.shown()}`.
class ShownSecret {
 public:
  using traits_type = std::string_view::traits_type;

  void append(std::string_view text) { size_ += text.copy(text_ + size_, sizeof text_ - size_); }
  [[nodiscard]] const char* data() const { return text_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char text_[16] = {};
  std::size_t size_ = 0;
};

ShownSecret show_secret(SecretForm form, std::string_view clear);
ShownSecret show_secret(SecretForm form, std::int64_t clear);
ShownSecret show_secret(SecretForm form, std::uint64_t clear);

/// A value that is never written in clear. Calls, containers and streams write its form; fmt and
/// implicit conversions do not compile; reveal() is the only access to the value.
/// `metlog::secret token(header);`, `metlog::secret<std::string, SecretForm::kHashed> user(name);`
template <class T, SecretForm kForm = SecretForm::kMasked>
class secret {
 public:
  explicit secret(T value) : value_(std::move(value)) {}

  /// Returns the value in clear. Search a program for this name to review it for leaks.
  [[nodiscard]] const T& reveal() const { return value_; }

  [[nodiscard]] ShownSecret shown() const {
    if constexpr (kForm == SecretForm::kMasked) {
      return show_secret(kForm, std::string_view());
    } else if constexpr (Text<T>) {
      return show_secret(kForm, std::string_view(value_.data(), value_.size()));
    } else if constexpr (CString<T>) {
      return show_secret(kForm, value_ == nullptr ? std::string_view() : std::string_view(value_));
    } else {
      static_assert(std::is_integral_v<T>,
                    "a secret is hashed or cut if a string or a whole number");
      using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
      return show_secret(kForm, static_cast<Wide>(value_));
    }
  }

 private:
  friend ShownSecret metlog_reduce(const secret& hidden) { return hidden.shown(); }

  template <class Stream>
  friend auto operator<<(Stream& out, const secret& hidden) -> decltype(out << std::string_view()) {
    const ShownSecret text = hidden.shown();
    return out << std::string_view(text.data(), text.size());
  }

  T value_;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
