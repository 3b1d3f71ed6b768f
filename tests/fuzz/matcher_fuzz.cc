#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoder.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// A message and the decoder and bytes that it refers to.
class Sample {
 public:
  explicit Sample(std::string_view text) : text_(text) {
    text_.append(kFramePadding, '}');
    require(!decoder_.decode({{text_.data(), text.size()}, text.size()}, message_).has_value());
  }
  [[nodiscard]] const DecodedMessage& message() const { return message_; }

 private:
  std::string text_;
  Decoder decoder_{{.message_bytes = 4096, .depth = 16, .any_timestamp = true}};
  DecodedMessage message_;
};

using Samples = std::vector<std::unique_ptr<Sample>>;

const Samples& samples() {
  static const Samples kSamples = [] {
    Samples made;
    for (
        const std::string_view text :
        {R"({"type":"timer","timestamp":"2026-01-18T12:34:56.789012Z","logger":"shop","severity":6,)"
         R"("payload":"12.5","fields":{"name":"db.users","rate":1,"ok":true,"no":false,"a":[1,"b"],)"
         R"("a.b":2,"o":{"p":{"q":3}},"n":null,"id":9007199254740993},"env_version":"0.8",)"
         R"("metlog_pid":1,"metlog_hostname":"h"})",
         R"({"type":"","timestamp":"never","logger":"\u00e4\u0000","severity":-1,"payload":[ 1, {} ],)"
         R"("fields":{},"env_version":"","metlog_pid":0,"metlog_hostname":""})",
         R"({"type":"oldstyle","timestamp":"9999-12-31T23:59:59Z","logger":"aaaaaaaaaaaaaaaaaaaaaaab",)"
         R"("severity":7,"payload":null,"fields":{"x":1e300,"'x'":"y"},"env_version":"0.8",)"
         R"("metlog_pid":9223372036854775807,"metlog_hostname":"host.example"})"}) {
      made.push_back(std::make_unique<Sample>(text));
    }
    return made;
  }();
  return kSamples;
}

/// An expression is refused with a place or compiles; as it writes itself it means the same.
void match(std::string_view text) {
  const absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(text);
  if (!matcher.ok()) {
    require(!matcher.status().message().empty());
    return;
  }
  const std::string written = matcher->text();
  const absl::StatusOr<MessageMatcher> again = MessageMatcher::compile(written);
  // It may be longer than the limit: a blank may have been missing.
  require(again.ok() || written.size() > text.size());
  if (!again.ok()) return;
  require(again->text() == written);
  for (const std::unique_ptr<Sample>& sample : samples()) {
    require(matcher->matches(sample->message()) == again->matches(sample->message()));
  }
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::match({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
