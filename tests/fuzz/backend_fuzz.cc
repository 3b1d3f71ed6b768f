// Reads arbitrary bytes as messages, a line each, and makes the bodies of all log stores of them:
// each is JSON and has as many messages as were taken. The same bytes are read as an answer of each
// store: whatever it says, every message has a result.

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/backend/elasticsearch.h"
#include "tools/router/backend/loki.h"
#include "tools/router/backend/otlp_logs.h"
#include "tools/router/backend/otlp_metrics.h"
#include "tools/router/backend/otlp_reader.h"

namespace metlog {
namespace {

using simdjson::SUCCESS;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_json(std::string_view text) {
  static simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == SUCCESS;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string body_of(BodyEncoder& encoder, std::string_view bytes, std::size_t& taken) {
  std::string body;
  taken = 0;
  encoder.open(body);
  for (const std::string_view line : lines_of(bytes)) {
    taken += encoder.add({.message = line, .stream = {}, .sequence = taken}, body) ? 1 : 0;
  }
  encoder.close(body);
  return body;
}

LokiBody::Options loki_options(LokiBody::Line line) {
  LokiBody::Options options;
  options.labels.emplace_back("logger", *MessageTemplate::parse("%{Logger}%{Level}%{Fields[a]}"));
  options.metadata.emplace_back("type", *MessageTemplate::parse("%{Type}%{Fields[a.b]}"));
  options.line = line;
  return options;
}

void make_bodies(std::string_view bytes) {
  static OtlpLogsBody logs({.service = {}, .attributes = {{"a", "\"b"}}});
  static OtlpMetricsBody metrics({.resource = {}, .attributes = {"a", "rate"}});
  static LokiBody json(loki_options(LokiBody::Line::kJson));
  static LokiBody text(loki_options(LokiBody::Line::kText));
  static LokiBody logfmt(loki_options(LokiBody::Line::kLogfmt));
  static BulkBody bulk(*MessageTemplate::parse("logs-%{Logger}%{Fields[a]}"));
  std::size_t taken = 0;
  for (BodyEncoder* const encoder :
       {static_cast<BodyEncoder*>(&logs), static_cast<BodyEncoder*>(&metrics),
        static_cast<BodyEncoder*>(&json), static_cast<BodyEncoder*>(&text),
        static_cast<BodyEncoder*>(&logfmt)}) {
    require(is_json(body_of(*encoder, bytes, taken)));
  }
  const std::string pairs = body_of(bulk, bytes, taken);
  const std::vector<std::string_view> lines = lines_of(pairs);
  require(lines.size() == 2 * taken);
  for (const std::string_view line : lines) require(is_json(line));
}

void read_answers(std::string_view bytes) {
  OtlpReader logs(OtlpReader::Signal::kLogs);
  OtlpReader metrics(OtlpReader::Signal::kMetrics);
  BulkReader bulk;
  LokiReader loki;
  HttpAnswer answer;
  answer.body = bytes;
  for (const int status : {200, 400, 429, 500}) {
    answer.status = status;
    for (AnswerReader* const reader :
         {static_cast<AnswerReader*>(&logs), static_cast<AnswerReader*>(&metrics),
          static_cast<AnswerReader*>(&bulk), static_cast<AnswerReader*>(&loki)}) {
      std::vector<ItemResult> items(3);
      const BodyResult result = reader->read(answer, items);
      require(result.kind != BodyResult::Kind::kPartly || result.refused > 0);
      for (const ItemResult& item : items) {
        require(item.kind == ItemResult::Kind::kSent || !item.detail.empty());
      }
    }
  }
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  metlog::make_bodies(text);
  metlog::read_answers(text);
  return 0;
}
