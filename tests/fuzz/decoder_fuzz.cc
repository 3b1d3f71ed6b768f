#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/sender.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/match/message_matcher.h"
#include "tools/router/match/tag_rules.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool has_line_break(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

void encode(MessageEncoder& encoder, const DecodedMessage& message) {
  Batch batch(64);
  const bool has_form = encoder.encode(message, batch);
  require(batch.user_count() == (has_form ? 1 : 0));
  if (has_form) require(!has_line_break(batch.message(0)));
}

/// Reads every part of the message in each of the ways that a matcher has, and returns what holds.
std::string matches(const DecodedMessage& message) {
  static const std::vector<MessageMatcher> kMatchers = [] {
    std::vector<MessageMatcher> made;
    for (const std::string_view text :
         {"Type == 'timer'", "Logger =~ /^s/", "Severity < 5", "Payload > 'a'", "Payload =~ /[1{]/",
          "EnvVersion >= '0.8'", "Pid > 7", "Hostname =~ /h$/", "Timestamp > 1.3e18",
          "Fields[name] == 'n'", "Fields[name] != NIL", "Fields[rate] <= 0.5",
          "Fields[rate] > 9007199254740993", "Fields[ok] == TRUE", "Fields[a][0][1] == NIL",
          "Fields[a.b] =~ /b+/", "Fields[a.b.c][0][1] != NIL"}) {
      made.push_back(*MessageMatcher::compile(text));
    }
    return made;
  }();
  std::string holding;
  for (const MessageMatcher& matcher : kMatchers) holding += matcher.matches(message) ? '1' : '0';
  return holding;
}

/// The tags of the message by rules that read it in each of their ways.
std::uint64_t tags(const DecodedMessage& message) {
  static const TagRules kRules = [] {
    std::map<std::string, std::uint64_t, std::less<>> bits;
    std::vector<TagRules::Rule> rules;
    for (const char* const path : {"type", "severity", "payload", "payload/a", "fields/name",
                                   "fields/a/b", "fields", "@type", "extra/x"}) {
      for (const char* const text : {"*", "", "n", "1"}) {
        TagRules::Rule& rule = rules.emplace_back();
        rule.patterns.push_back({*MessagePath::parse(path), {text}});
        rule.gives = {std::string(path) + text, std::string("%{") + path + "}"};
        bits.emplace(rule.gives[0], std::uint64_t{1} << bits.size());
      }
    }
    bits.emplace("timer", std::uint64_t{1} << bits.size());  // what a template may make
    return TagRules(bits, rules);
  }();
  return kRules.tags_of(message, 0);
}

/// The scan reads messages without a tab, the parser those with one. The result must be the same.
void require_agreement(std::string_view bytes) {
  static Decoder one({.message_bytes = 64 * 1024, .depth = 64});
  static Decoder other({.message_bytes = 64 * 1024, .depth = 64});
  if (bytes.empty() || bytes[0] != '{' || bytes.size() >= 64 * 1024) return;
  std::string text(bytes);
  std::string with_tab = "{\t" + text.substr(1);
  const std::size_t size = text.size();
  text.append(kFramePadding, '}');
  with_tab.append(kFramePadding, '}');
  DecodedMessage a;
  DecodedMessage b;
  const auto outcome = one.decode({{text.data(), size}, size}, a);
  require(outcome == other.decode({{with_tab.data(), size + 1}, size + 1}, b));
  if (outcome) return;
  require(a.type == b.type && a.timestamp == b.timestamp && a.logger == b.logger);
  require(a.env_version == b.env_version && a.hostname == b.hostname);
  require(a.severity == b.severity && a.pid == b.pid);
  require(a.payload().kind == b.payload().kind && a.payload().text == b.payload().text);
  require(a.field("name").kind == b.field("name").kind);
  require(matches(a) == matches(b));
  require(tags(a) == tags(b));
}

void decode(std::string_view bytes) {
  static Decoder decoder({.message_bytes = 64 * 1024, .depth = 64});
  static JsonLinesEncoder json_lines;
  static StatsdEncoder statsd;
  // A block of exactly this size, so that the address sanitizer sees a read beyond the padding.
  const std::unique_ptr<char[]> padded(new char[bytes.size() + kFramePadding]());
  bytes.copy(padded.get(), bytes.size());
  require_agreement(bytes);
  DecodedMessage message;
  const MessageBytes bytes_of_message{{padded.get(), bytes.size()}, bytes.size()};
  if (decoder.decode(bytes_of_message, message)) return;
  encode(json_lines, message);
  encode(statsd, message);
  require(escape_for_terminal(message.type).find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::decode({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
