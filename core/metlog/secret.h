#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// What a secret looks like wherever it is written.
enum class SecretForm : std::uint8_t {
  /// ***
  kMasked,
  /// *** and the last four bytes of a text, or digits of a number, of at least eight; else ***.
  kLastFour,
  /// 16 hexadecimal digits, the same for the same text or number: SipHash-2-4 under the key of
  /// set_secret_key(). Without a key, whoever can guess the secret can confirm the guess.
  kHashed,
};

/// The key of SecretForm::kHashed, for the whole process; zero before. Set it before the first
/// call that hashes, since what was hashed before compares with nothing after.
void set_secret_key(std::uint64_t first_half, std::uint64_t second_half);

/// A secret as it is shown. A text as far as calls are concerned: `{"user", user.shown()}`.
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

/// A value that is never written in clear: calls, containers and streams get its form, fmt and
/// implicit conversions do not compile, reveal() is the only way to the value itself.
/// `metlog::secret token(header);`, `metlog::secret<std::string, SecretForm::kHashed> user(name);`
template <class T, SecretForm kForm = SecretForm::kMasked>
class secret {
 public:
  explicit secret(T value) : value_(std::move(value)) {}

  /// The value in clear. The word to look for when reading a program for leaks.
  [[nodiscard]] const T& reveal() const { return value_; }

  [[nodiscard]] ShownSecret shown() const {
    if constexpr (kForm == SecretForm::kMasked) {
      return show_secret(kForm, std::string_view());
    } else if constexpr (Text<T>) {
      return show_secret(kForm, std::string_view(value_.data(), value_.size()));
    } else if constexpr (CString<T>) {
      return show_secret(kForm, value_ == nullptr ? std::string_view() : std::string_view(value_));
    } else {
      static_assert(std::is_integral_v<T>, "a secret is hashed or cut if a text or a whole number");
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
