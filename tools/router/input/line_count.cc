#include "tools/router/input/line_count.h"

#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace metlog {
namespace {

std::size_t count_bytewise(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

#if defined(__SSE2__)

constexpr std::size_t kStep = sizeof(__m128i);
// A byte of a counter holds no more.
constexpr std::size_t kMostSteps = 255;

std::size_t count_steps(const char* at, std::size_t steps) {
  const __m128i newline = _mm_set1_epi8('\n');
  __m128i counts = _mm_setzero_si128();
  for (; steps > 0; --steps, at += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(bytes, newline));
  }
  const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
  return static_cast<std::size_t>(_mm_cvtsi128_si64(sums) +
                                  _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
}

#endif

}  // namespace

std::size_t count_lines(std::string_view text) {
  std::size_t count = 0;
#if defined(__SSE2__)
  while (text.size() >= kStep) {
    const std::size_t steps = std::min(text.size() / kStep, kMostSteps);
    count += count_steps(text.data(), steps);
    text.remove_prefix(steps * kStep);
  }
#endif
  return count + count_bytewise(text);
}

}  // namespace metlog
