// Reads arbitrary bytes as a frame, decodes its messages and writes each in every format: a text
// is one line without a control character, and a path stays below its folder. The same bytes are
// read as a datagram of statsd.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/sender.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/encode/cef_encoder.h"
#include "tools/router/encode/field_text_encoder.h"
#include "tools/router/encode/layout_line_encoder.h"
#include "tools/router/encode/syslog_encoder.h"
#include "tools/router/input/frame_reader.h"
#include "tools/router/input/stat_accumulator.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/transport/path_template.h"

namespace metlog {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool has_control(std::string_view text) {
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

using Encoders = std::vector<std::unique_ptr<MessageEncoder>>;

/// All encoders of text, with settings that make them write the most.
Encoders& encoders() {
  static Encoders made = [] {
    Encoders list;
    list.push_back(std::make_unique<StatsdEncoder>());
    list.push_back(std::make_unique<StatsdEncoder>(StatsdEncoder::Options{
        .prefix = "p.",
        .space = StatsdEncoder::Space::kFieldsLoggerOrLogger,
        .tags = {"Hostname", "Logger", "Type", "Severity", "Pid", "a", "b.c"},
        .has_whole_numbers = true}));
    list.push_back(std::make_unique<Rfc5424Encoder>(SyslogOptions()));
    list.push_back(std::make_unique<Rfc3164Encoder>(SyslogOptions()));
    list.push_back(std::make_unique<CefEncoder>(CefEncoder::Options()));
    list.push_back(std::make_unique<LayoutLineEncoder>(MessageFormat::kLogfmt, FormatOptions()));
    list.push_back(std::make_unique<LayoutLineEncoder>(MessageFormat::kPattern, FormatOptions()));
    for (const char* const field : {"payload", "type", "logger", "fields/a", "fields/b/c"}) {
      list.push_back(std::make_unique<FieldTextEncoder>(FieldTextEncoder::Options{field, true}));
    }
    return list;
  }();
  return made;
}

void encode(const DecodedMessage& message) {
  static JsonLinesEncoder json;
  for (const auto& encoder : encoders()) {
    Batch batch(64);
    const bool has_form = encoder->encode(message, batch);
    require(batch.user_count() == (has_form ? 1 : 0));
    if (has_form) require(!has_control(batch.message(0)));
  }
  Batch batch(64);
  require(json.encode(message, batch));
  require(batch.message(0).find_first_of("\r\n") == std::string_view::npos);
}

void write_path(const DecodedMessage& message) {
  static const PathTemplate path = *PathTemplate::parse(
      "/r/%{Type}/%{Logger}/%{Hostname}/%{Fields[a]}/%{Fields[b.c]}x%{Severity}-%Y%m%d.log");
  std::string below;
  path.write(message, 0, TimeZone::kUtc, below);
  require(!has_control(below));
  std::size_t parts = 0;
  for (std::string_view rest = below;; ++parts) {
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    require(!name.empty() && name != "." && name != ".." && name.size() < 256);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  require(parts == 4);
}

void read_statsd(std::string_view bytes) {
  StatAccumulator stats({.emits_in_fields = true, .max_names = 100});
  for_each_statsd_line(bytes, [&](std::string_view line) {
    if (const auto stat = read_statsd_line(line)) stats.add(*stat);
  });
  for (const StatAccumulator::Report& report : stats.report(1, 4096)) {
    require(report.payload.empty() || report.payload.back() == '\n');
    require(!has_control(report.fields));
  }
}

void read(std::string_view bytes) {
  static Decoder decoder({.message_bytes = 64 * 1024, .depth = 64});
  static FrameReader reader(64 * 1024);
  // A block of exactly this size, so that the address sanitizer sees a read beyond the padding.
  const std::unique_ptr<char[]> padded(new char[bytes.size() + kFramePadding]());
  bytes.copy(padded.get(), bytes.size());
  reader.read({{padded.get(), bytes.size()}, bytes.size()}, [](const MessageBytes& text) {
    const std::unique_ptr<char[]> own(new char[text.text.size() + kFramePadding]());
    text.text.copy(own.get(), text.text.size());
    DecodedMessage message;
    if (decoder.decode({{own.get(), text.text.size()}, text.sent_bytes}, message)) return;
    encode(message);
    write_path(message);
  });
  read_statsd(bytes);
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::read({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
