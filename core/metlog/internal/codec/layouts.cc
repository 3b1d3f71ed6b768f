#include "metlog/internal/codec/layouts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metlog/internal/codec/additions.h"
#include "metlog/internal/codec/pattern.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/nearest_name.h"
#include "metlog/internal/text/syslog_text.h"

namespace metlog {
namespace {

using enum PartKind;

constexpr const char* kIsoSecond = "%Y-%m-%dT%H:%M:%S.";

Layout layout_of(LayoutStyle style, std::vector<LayoutPart> parts) {
  Layout layout;
  layout.style = style;
  layout.parts = std::move(parts);
  layout.complete();
  return layout;
}

Layout logfmt() {
  return layout_of(LayoutStyle::kLogfmt, {{kLiteral, "time="},
                                          {kSecondMicros, kIsoSecond},
                                          {kLiteral, "Z level="},
                                          {kLevel},
                                          {kLiteral, " logger="},
                                          {kLogger},
                                          {kTypeMember},
                                          {kPlaceMember},
                                          {kThreadMember},
                                          {kLiteral, " msg=\""},
                                          {kMessage},
                                          {kLiteral, "\""},
                                          {kFields}});
}

Layout ecs() {
  return layout_of(LayoutStyle::kEcs,
                   {{kLiteral, "{\"@timestamp\":\""},
                    {kSecondMicros, kIsoSecond},
                    {kLiteral, "Z\",\"log.level\":\""},
                    {kLevel},
                    {kLiteral, "\",\"ecs.version\":\"8.11.0\",\"log.logger\":\""},
                    {kLogger},
                    {kLiteral, "\""},
                    {kTypeMember},
                    {kLiteral, ",\"host.hostname\":\""},
                    {kHost},
                    {kLiteral, "\",\"process.pid\":"},
                    {kPid},
                    {kLiteral, ",\"process.name\":\""},
                    {kProgram},
                    {kLiteral, "\""},
                    {kPlaceMember},
                    {kThreadMember},
                    {kLiteral, ",\"message\":\""},
                    {kMessage},
                    {kLiteral, "\""},
                    {kTrace},
                    {kFields},
                    {kLiteral, "}"}});
}

Layout gelf() {
  return layout_of(LayoutStyle::kGelf, {{kLiteral, "{\"timestamp\":"},
                                        {kEpochReal},
                                        {kLiteral, ",\"level\":"},
                                        {kSeverity},
                                        {kLiteral, ",\"host\":\""},
                                        {kHost},
                                        {kLiteral, "\",\"_logger\":\""},
                                        {kLogger},
                                        {kLiteral, "\",\"_type\":\""},
                                        {kType},
                                        {kLiteral, "\",\"_pid\":"},
                                        {kPid},
                                        {kLiteral, ",\"_process\":\""},
                                        {kProgram},
                                        {kLiteral, "\","},
                                        {kPlaceMember},
                                        {kThreadMember},
                                        {kLiteral, "\"short_message\":\""},
                                        {kMessage},
                                        {kLiteral, "\","},
                                        {kFields},
                                        {kLiteral, "\"version\":\"1.1\"}"}});
}

/// OTLP's LogRecord, which `before` begins and `after` ends. The last attribute has no comma.
std::vector<LayoutPart> otel_record(const char* before, const char* after) {
  return {{kLiteral, before},
          {kEpochNanos},
          {kLiteral, "\",\"severityNumber\":"},
          {kSeverityNumber},
          {kLiteral, ",\"severityText\":\""},
          {kLevelShort},
          {kLiteral, "\""},
          {kTypeMember},
          {kLiteral, ",\"body\":{\"stringValue\":\""},
          {kMessage},
          {kLiteral, "\"},\"attributes\":["},
          {kFields},
          {kThreadMember},
          {kPlaceMember},
          {kLiteral, "{\"key\":\"metlog.type\",\"value\":{\"stringValue\":\""},
          {kType},
          {kLiteral, "\"}}]"},
          {kTrace},
          {kLiteral, after}};
}

Layout otel() {
  auto parts =
      otel_record("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"",
                  "}],\"scope\":{\"name\":\"");
  parts.insert(
      parts.end(),
      {{kLogger},
       {kLiteral,
        R"("}}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":")"},
       {kProgram},
       {kLiteral, "\"}},{\"key\":\"host.name\",\"value\":{\"stringValue\":\""},
       {kHost},
       {kLiteral, "\"}},{\"key\":\"process.pid\",\"value\":{\"intValue\":\""},
       {kPid},
       {kLiteral, "\"}}]}}]}"}});
  return layout_of(LayoutStyle::kOtel, std::move(parts));
}

absl::Status lacks(MessageFormat format, std::string_view option) {
  return absl::InvalidArgumentError(absl::StrCat("the format ", std::string(name_of(format)),
                                                 " has no option ", std::string(option)));
}

/// RFC 5424. The element is never empty: it has the logger.
Layout syslog(const FormatOptions& options) {
  const std::string id = options.sd_id.empty() ? std::string(kSdId) : options.sd_id;
  const LayoutPart program{kProgram, {}, {}, {}, false, 0, kMaxSyslogApp};
  Layout layout = layout_of(LayoutStyle::kSyslog,
                            {{kLiteral, "<"},
                             {kPriority},
                             {kLiteral, ">1 "},
                             {kSecondMicros, kIsoSecond},
                             {kLiteral, "Z "},
                             {kHost, {}, {}, {}, false, 0, kMaxSyslogHost},
                             {kLiteral, " "},
                             options.app.empty() ? program : LayoutPart{kLiteral, options.app},
                             {kLiteral, " "},
                             {kPid},
                             {kLiteral, " "},
                             {kType, {}, {}, {}, false, 0, kMaxSyslogMsgId},
                             {kLiteral, " [" + id + " logger=\""},
                             {kLogger},
                             {kLiteral, "\""},
                             {kPlaceMember},
                             {kThreadMember},
                             {kFields},
                             {kLiteral, "]"},
                             {kTrace},
                             {kLiteral, " "},
                             {kMessage}});
  layout.facility = options.facility;
  return layout;
}

/// RFC 3164 has no fields: they follow the text as in a line for humans.
Layout old_syslog(const FormatOptions& options) {
  Layout layout;
  layout.zone = TimeZone::kLocal;
  layout.facility = options.facility;
  std::vector<LayoutPart>& parts = layout.parts;
  parts = {{kLiteral, "<"}, {kPriority}, {kLiteral, ">"}, {kSecond, "%b %e %T"}, {kLiteral, " "}};
  if (options.syslog_form == SyslogForm::kRfc3164) {
    parts.push_back({kHost, {}, {}, {}, false, 0, kMaxSyslogHost});
    parts.push_back({kLiteral, " "});
  }
  const LayoutPart program{kProgram, std::string(kNotInSyslogTag), {}, {}, false, 0, kMaxSyslogTag};
  parts.push_back(options.app.empty() ? program : LayoutPart{kLiteral, options.app});
  parts.insert(parts.end(), {{kLiteral, "["}, {kPid}, {kLiteral, "]: "}, {kText}, {kFields}});
  layout.complete();
  return layout;
}

/// Each field is a line, but a text of several; a newline comes before each but the first.
Layout journal(const FormatOptions& options) {
  Layout layout =
      layout_of(LayoutStyle::kJournal,
                {{kLiteral, "PRIORITY="},
                 {kPriority},
                 {kLiteral, "\nSYSLOG_IDENTIFIER="},
                 options.app.empty() ? LayoutPart{kProgram} : LayoutPart{kLiteral, options.app},
                 {kLiteral, "\nSYSLOG_PID="},
                 {kPid},
                 {kLiteral, "\nLOGGER="},
                 {kLogger},
                 {kLiteral, "\nTYPE="},
                 {kType},
                 {kPlaceMember},
                 {kThreadMember},
                 {kLiteral, "\nTIMESTAMP="},
                 {kSecondMicros, kIsoSecond},
                 {kLiteral, "Z\nMESSAGE="},
                 {kMessage},
                 {kFields}});
  layout.facility = 0;  // PRIORITY is the severity alone
  return layout;
}

bool name_ends_in(std::string_view prefix) {
  return std::any_of(prefix.begin(), prefix.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f || std::string_view(":|@#,").find(c) != std::string::npos;
  });
}

absl::Status check_syslog(const FormatOptions& options) {
  if (options.facility < 0 || options.facility > 23) {
    return absl::InvalidArgumentError(
        absl::StrCat("facility ", options.facility, " is not in 0..23"));
  }
  const bool is_old = options.syslog_form != SyslogForm::kRfc5424;
  const std::size_t max_app = is_old ? kMaxSyslogTag : kMaxSyslogApp;
  if (!is_ascii_name(options.app, max_app, kNotInSyslogTag)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "app='", line_text(options.app), "' has a byte that is not printable ASCII, a colon or a ",
        "bracket, or more than ", max_app, " bytes; write a plain name"));
  }
  if (is_old && !options.sd_id.empty()) {
    return absl::InvalidArgumentError(
        "RFC 3164 has no structured data: leave out sd_id, or rfc=3164");
  }
  if (!options.sd_id.empty() && !is_private_sd_id(options.sd_id)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sd_id='", line_text(options.sd_id), "' is not NAME@ENTERPRISE_NUMBER in at most ",
        kMaxSdName, " bytes; write ", std::string(kSdId), ", or your own enterprise's number"));
  }
  return absl::OkStatus();
}

/// What an option is for, when a format that does not have it was given it.
absl::Status check_options(MessageFormat format, const FormatOptions& options) {
  if (format != MessageFormat::kPattern) {
    if (!options.pattern.empty()) return lacks(format, "pattern");
    if (options.utc) return lacks(format, "time");
    if (options.colors == Colors::kAlways) return lacks(format, "color");
  }
  if (format != MessageFormat::kSyslog) {
    if (options.facility != FormatOptions().facility) return lacks(format, "facility");
    if (!options.app.empty() && format != MessageFormat::kJournal) return lacks(format, "app");
    if (!options.sd_id.empty()) return lacks(format, "sd_id");
    if (options.syslog_form != SyslogForm::kRfc5424) return lacks(format, "rfc");
  }
  if (!options.prefix.empty() && format != MessageFormat::kStatsd) return lacks(format, "prefix");
  if (name_ends_in(options.prefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("prefix='", line_text(options.prefix),
                     "' has a character that ends a name: one of : | @ # , or a control"));
  }
  if (absl::Status status = check_syslog(options); !status.ok()) return status;
  const bool is_envelope = format == MessageFormat::kJson || format == MessageFormat::kIndented;
  if (options.numbers && !is_envelope) return lacks(format, "numbers");
  return make_additions(format, options.add).status();
}

absl::StatusOr<Layout> compile(MessageFormat format, const FormatOptions& options) {
  switch (format) {
    case MessageFormat::kLogfmt:
      return logfmt();
    case MessageFormat::kEcs:
      return ecs();
    case MessageFormat::kGelf:
      return gelf();
    case MessageFormat::kOtel:
      return otel();
    case MessageFormat::kSyslog:
      return options.syslog_form == SyslogForm::kRfc5424 ? syslog(options) : old_syslog(options);
    case MessageFormat::kJournal:
      return journal(options);
    case MessageFormat::kStatsd:
      return layout_of(LayoutStyle::kStatsd, {{kStatsd, options.prefix}});
    default:
      break;
  }
  absl::StatusOr<Layout> layout = compile_pattern(options.pattern);
  if (!layout.ok()) return layout;
  layout->zone = options.utc ? TimeZone::kUtc : TimeZone::kLocal;
  layout->is_colored = options.colors == Colors::kAlways;
  return layout;
}

}  // namespace

std::string_view name_of(MessageFormat format) {
  for (const FormatName& known : kFormatNames) {
    if (known.format == format) return known.name;
  }
  return "of a function";
}

absl::StatusOr<MessageFormat> format_named(std::string_view name) {
  std::vector<std::string> names;
  for (const FormatName& known : kFormatNames) {
    if (known.name == name) return known.format;
    names.emplace_back(known.name);
  }
  const std::vector<std::string> near = suggest_names(name, names);
  const std::string meant =
      near.empty() ? "" : absl::StrCat("; did you mean '", absl::StrJoin(near, "' or '"), "'?");
  return absl::InvalidArgumentError(absl::StrCat("format='", line_text(name), "' is none of ",
                                                 absl::StrJoin(names, ", "), meant));
}

bool has_layout(MessageFormat format) {
  return format >= MessageFormat::kPattern && format <= MessageFormat::kStatsd;
}

absl::StatusOr<std::shared_ptr<const Layout>> make_layout(MessageFormat format,
                                                          const FormatOptions& options) {
  if (absl::Status status = check_options(format, options); !status.ok()) return status;
  if (!has_layout(format)) return nullptr;
  absl::StatusOr<Layout> layout = compile(format, options);
  if (!layout.ok()) return layout.status();
  return std::make_shared<const Layout>(*std::move(layout));
}

std::shared_ptr<const Layout> otel_record_layout() {
  return std::make_shared<const Layout>(
      layout_of(LayoutStyle::kOtel, otel_record("{\"timeUnixNano\":\"", "}")));
}

void complete_text(ClientText& text, MessageFormat format, const FormatOptions& options) {
  text.layout = make_layout(format, options).value_or(nullptr);
  text.additions = make_additions(format, options.add).value_or(nullptr);
  text.has_numbers = options.numbers;
  text.shows_metrics_only = shows_metrics_only(format);
}

}  // namespace metlog
