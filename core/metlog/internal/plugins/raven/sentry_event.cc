#include "metlog/internal/plugins/raven/sentry_event.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/plugins/raven/packed_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

constexpr int kErrorLevel = 40;  // of Python's logging, for every severity
constexpr std::size_t kMaxFunctionBytes = 512;
constexpr int kMaxCauses = 16;

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string function_of(const StackFrame& frame) {
  if (frame.function.empty()) return absl::StrCat("?+0x", absl::Hex(frame.offset));
  return frame.function.substr(0, kMaxFunctionBytes);
}

Value frame_value(const StackFrame& frame, const std::string& file, unsigned line) {
  const bool is_placed = !file.empty();
  return ValueMap{{"abs_path", is_placed ? file : frame.object},
                  {"filename", base_name(is_placed ? file : frame.object)},
                  {"function", function_of(frame)},
                  {"lineno", is_placed ? Value(line) : Value()},
                  {"module", base_name(frame.object)},
                  {"context_line", nullptr},
                  {"pre_context", ValueList()},
                  {"post_context", ValueList()},
                  {"vars", ValueMap()}};
}

ValueList frame_values(const SentryEvent& parts) {
  ValueList frames;
  for (const StackFrame& frame : parts.frames) {
    const bool is_innermost = &frame == &parts.frames.back();
    frames.push_back(frame_value(frame, is_innermost ? parts.file : "", parts.line));
  }
  return frames;
}

/// Groups the events of one place: 32 hexadecimal digits of FNV-1a over type and functions.
std::string checksum_of(const SentryEvent& parts) {
  const auto hash = [&](std::uint64_t basis) {
    const auto add = [&basis](std::string_view text) {
      for (const char character : text) {
        basis = (basis ^ static_cast<unsigned char>(character)) * 0x100000001b3U;
      }
    };
    if (parts.error.has_value()) add(parts.error->type);
    for (const StackFrame& frame : parts.frames) add(function_of(frame));
    if (parts.frames.empty() && parts.error.has_value()) add(parts.error->what);
    return basis;
  };
  return absl::StrFormat("%016x%016x", hash(0xcbf29ce484222325U), hash(0x84222325cbf29ce4U));
}

std::string time_text(std::int64_t utc_ns) {
  std::array<char, TimestampText::kBytes> text;
  TimestampText().append(text.data(), utc_ns);
  return {text.data(), text.size()};
}

ValueMap extra_of(const SentryEvent& parts) {
  ValueMap extra = parts.extra;
  ValueList causes;
  std::exception_ptr cause = parts.error.has_value() ? parts.error->cause : nullptr;
  for (int depth = 0; cause != nullptr && depth < kMaxCauses; ++depth) {
    Thrown thrown = describe(cause);
    causes.emplace_back(thrown.text());
    cause = std::move(thrown.cause);
  }
  if (!causes.empty()) extra.set("caused_by", causes);
  extra.set("msg", parts.msg);
  extra.set("logger", parts.logger);
  extra.set("severity", parts.severity);
  return extra;
}

}  // namespace

ValueMap event_of(const SentryEvent& parts) {
  const Thrown error = parts.error.value_or(Thrown{"<unknown>", "None", nullptr});
  Value culprit;
  if (!parts.frames.empty()) {
    const StackFrame& frame = parts.frames.back();
    culprit = absl::StrCat(base_name(frame.object), " in ", function_of(frame));
  }
  return {{"event_id", parts.id},
          {"message", error.text()},
          {"level", kErrorLevel},
          {"timestamp", time_text(parts.utc_ns)},
          {"platform", "native"},
          {"server_name", parts.server},
          {"project", parts.project},
          {"culprit", culprit},
          {"checksum", checksum_of(parts)},
          {"sentry.interfaces.Exception",
           ValueMap{{"type", error.type}, {"value", error.what}, {"module", nullptr}}},
          {"sentry.interfaces.Stacktrace", ValueMap{{"frames", frame_values(parts)}}},
          {"extra", extra_of(parts)},
          {"tags", ValueMap()},
          {"modules", ValueMap()},
          {"time_spent", nullptr}};
}

std::string packed_event(SentryEvent parts) {
  constexpr std::size_t kMaxBytes = 12 * 1024;  // of the 16 KiB that payload and fields may have
  for (;;) {
    std::string packed = packed_text(to_json(event_of(parts)));
    if (packed.size() <= kMaxBytes || parts.frames.empty()) return packed;
    const auto half = static_cast<std::ptrdiff_t>((parts.frames.size() + 1) / 2);
    parts.frames.erase(parts.frames.begin(), parts.frames.begin() + half);
  }
}

}  // namespace metlog
