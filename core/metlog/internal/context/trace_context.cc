#include "metlog/trace_context.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/random_id.h"
#include "metlog/internal/context/thread_context.h"

namespace metlog {
namespace {

// 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
constexpr std::size_t kHeaderBytes = 55;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kShownBytes = 80;  // of an invalid header, in its error

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

absl::Status wrong(std::string_view header, std::string_view why) {
  const std::string_view dots = header.size() > kShownBytes ? "..." : "";
  return absl::InvalidArgumentError(absl::StrCat(
      "traceparent '", to_absl(header.substr(0, kShownBytes)), to_absl(dots), "': ", to_absl(why)));
}

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Returns -1 for anything but a lower-case hexadecimal digit.
int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// False when the text, of 2 N characters, is not all lower-case hexadecimal digits.
template <std::size_t N>
bool read_hex(std::string_view text, std::array<std::uint8_t, N>& bytes) {
  for (std::size_t i = 0; i < N; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

template <std::size_t N>
bool is_zero(const std::array<std::uint8_t, N>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// A span id may not be zero; a random one is, once in 2^64 times.
void fill_span_id(TraceContext& trace) {
  do {
    const std::array<std::uint8_t, 16> random = random_id();
    std::copy_n(random.begin() + 8, trace.span_id.size(), trace.span_id.begin());
  } while (is_zero(trace.span_id));
}

Ref<ContextScope> enter_trace(const TraceContext& trace) {
  const std::string trace_id = hex(trace.trace_id);
  const std::string span_id = hex(trace.span_id);
  return enter_context({{"trace_id", trace_id}, {"span_id", span_id}}, &trace);
}

}  // namespace

absl::StatusOr<TraceContext> parse_traceparent(std::string_view header) {
  if (header.size() < kHeaderBytes) {
    return wrong(header, absl::StrCat("has ", header.size(), " characters, not 55"));
  }
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext trace;
  if (!read_hex(header, version)) {
    return wrong(header, "the version is not two lower-case hexadecimal digits");
  }
  if (version[0] == 0xff) return wrong(header, "version ff is invalid");
  if (version[0] == 0 && header.size() != kHeaderBytes) {
    return wrong(header, absl::StrCat("has ", header.size(), " characters, not 55 as version 00"));
  }
  if (header.size() > kHeaderBytes && header[kHeaderBytes] != '-') {
    return wrong(header, "no '-' after the flags");
  }
  if (header[kTraceAt - 1] != '-' || header[kSpanAt - 1] != '-' || header[kFlagsAt - 1] != '-') {
    return wrong(header, "not of the form 00-<32 digits>-<16 digits>-<2 digits>");
  }
  if (!read_hex(header.substr(kTraceAt), trace.trace_id)) {
    return wrong(header, "the trace id is not 32 lower-case hexadecimal digits");
  }
  if (!read_hex(header.substr(kSpanAt), trace.span_id)) {
    return wrong(header, "the parent id is not 16 lower-case hexadecimal digits");
  }
  if (!read_hex(header.substr(kFlagsAt), flags)) {
    return wrong(header, "the flags are not two lower-case hexadecimal digits");
  }
  if (is_zero(trace.trace_id)) return wrong(header, "the trace id is all zeros");
  if (is_zero(trace.span_id)) return wrong(header, "the parent id is all zeros");
  trace.flags = flags[0] & TraceContext::kSampled;
  return trace;
}

std::string traceparent(const TraceContext& trace) {
  // All other flags must be sent as 0.
  const std::array<std::uint8_t, 1> flags = {
      static_cast<std::uint8_t>(trace.flags & TraceContext::kSampled)};
  return absl::StrCat("00-", hex(trace.trace_id), "-", hex(trace.span_id), "-", hex(flags));
}

TraceContext start_trace(std::uint8_t flags) {
  TraceContext trace;
  while (is_zero(trace.trace_id)) trace.trace_id = random_id();
  trace.flags = flags & TraceContext::kSampled;
  return child_of(trace);
}

TraceContext child_of(const TraceContext& trace) {
  TraceContext child = trace;
  fill_span_id(child);
  return child;
}

std::optional<TraceContext> current_trace() {
  const ContextSnapshot* const contents = thread_context();
  return contents != nullptr ? contents->trace() : std::nullopt;
}

ScopedTrace::ScopedTrace(const TraceContext& trace) : scope_(enter_trace(trace).release()) {}

ScopedTrace::~ScopedTrace() {
  leave_context(*scope_);
  const auto last = Ref<ContextScope>::adopt(scope_);
}

std::string_view ScopedTrace::error() const { return scope_->error; }

}  // namespace metlog
