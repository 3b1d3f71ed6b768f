#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/formatter.h"
#include "metlog/internal/codec/layout.h"

namespace metlog {

/// The names of formats, as in `format=`. kOwn has none.
struct FormatName {
  std::string_view name;
  MessageFormat format;
};
inline constexpr FormatName kFormatNames[] = {
    {"json", MessageFormat::kJson},         {"text", MessageFormat::kText},
    {"indented", MessageFormat::kIndented}, {"pattern", MessageFormat::kPattern},
    {"logfmt", MessageFormat::kLogfmt},     {"ecs", MessageFormat::kEcs},
    {"gelf", MessageFormat::kGelf},         {"otel", MessageFormat::kOtel},
    {"syslog", MessageFormat::kSyslog},     {"journal", MessageFormat::kJournal},
    {"statsd", MessageFormat::kStatsd}};
[[nodiscard]] std::string_view name_of(MessageFormat format);
/// kInvalidArgument lists all names, the nearest first.
absl::StatusOr<MessageFormat> format_named(std::string_view name);

/// True for a format that LayoutEncoder writes.
[[nodiscard]] bool has_layout(MessageFormat format);

/// True for a format that has no form of a message other than a counter or timer.
[[nodiscard]] constexpr bool shows_metrics_only(MessageFormat format) {
  return format == MessageFormat::kStatsd;
}

/// Returns the layout of such a format; null for the others. kInvalidArgument when an option is
/// wrong, or when the format does not have it.
absl::StatusOr<std::shared_ptr<const Layout>> make_layout(MessageFormat format,
                                                          const FormatOptions& options);

/// The layout of OTLP's LogRecord, of which kOtel has one with its scope and resource.
[[nodiscard]] std::shared_ptr<const Layout> otel_record_layout();

/// Sets what a format decides of a client's messages. Options that make_layout() refuses are as if
/// they were not given.
void complete_text(ClientText& text, MessageFormat format, const FormatOptions& options);

}  // namespace metlog
