#include "metlog/secret.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/utf8.h"

namespace metlog {
namespace {

constinit PlainAtomic<std::uint64_t> g_key[2]{};

// Aumasson's and Bernstein's SipHash: short inputs, a key, 64 bits.
class SipHash {
 public:
  SipHash(std::uint64_t k0, std::uint64_t k1)
      : v_{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
           k1 ^ 0x7465646279746573} {}

  std::uint64_t of(std::string_view bytes) {
    const std::uint64_t length = bytes.size();
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) mix(word_of(bytes.substr(0, 8)));
    mix(word_of(bytes) | length << 56);
    v_[2] ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  }

 private:
  // Little-endian, so that all machines compute the same hash.
  static std::uint64_t word_of(std::string_view bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return word;
  }
  void mix(std::uint64_t word) {
    v_[3] ^= word;
    round();
    round();
    v_[0] ^= word;
  }
  void round() {
    half_round(0, 1, 13, 32);
    half_round(2, 3, 16, 0);
    half_round(0, 3, 21, 0);
    half_round(2, 1, 17, 32);
  }
  void half_round(int a, int b, int turn, int turn_sum) {
    v_[a] += v_[b];
    v_[b] = std::rotl(v_[b], turn) ^ v_[a];
    v_[a] = std::rotl(v_[a], turn_sum);
  }

  std::uint64_t v_[4];
};

std::uint64_t hash_of(std::string_view clear) {
  // relaxed, both: set before the first call that hashes
  return SipHash(g_key[0].load(Order::kRelaxed), g_key[1].load(Order::kRelaxed)).of(clear);
}

std::string_view last_four(std::string_view clear) {
  constexpr std::size_t kShown = 4;
  if (clear.size() < 2 * kShown) return {};
  clear.remove_prefix(clear.size() - kShown);
  // Does not cut a UTF-8 sequence.
  while (!clear.empty() && continues_utf8(clear.front())) clear.remove_prefix(1);
  return clear;
}

template <class Number>
ShownSecret show_number(SecretForm form, Number clear) {
  char digits[24];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, clear);
  return show_secret(form, {digits, static_cast<std::size_t>(end.ptr - digits)});
}

}  // namespace

void set_secret_key(std::uint64_t first_half, std::uint64_t second_half) {
  // relaxed, both: as in hash_of()
  g_key[0].store(first_half, Order::kRelaxed);
  g_key[1].store(second_half, Order::kRelaxed);
}

ShownSecret show_secret(SecretForm form, std::string_view clear) {
  ShownSecret shown;
  if (form == SecretForm::kHashed) {
    std::uint64_t hash = hash_of(clear);
    for (int i = 0; i < 16; ++i, hash <<= 4) {
      shown.append({&"0123456789abcdef"[hash >> 60], 1});
    }
    return shown;
  }
  shown.append("***");
  if (form == SecretForm::kLastFour) shown.append(last_four(clear));
  return shown;
}

ShownSecret show_secret(SecretForm form, std::int64_t clear) { return show_number(form, clear); }
ShownSecret show_secret(SecretForm form, std::uint64_t clear) { return show_number(form, clear); }

}  // namespace metlog
