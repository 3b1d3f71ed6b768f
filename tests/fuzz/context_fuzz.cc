// Encodes arbitrary bytes as a context's record, in the messages of a record that is damaged too.
// The output never exceeds bound() (AddressSanitizer sees it). It is one line of valid JSON, or one
// line of text without an unprintable character. Also reads arbitrary text as a traceparent: if it
// is accepted, it is written as it was read.

#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/site/site.h"
#include "metlog/trace_context.h"
#include "tests/fuzz/encoded_message.h"

namespace metlog {
namespace {

template <class Tag, class... A>
std::uint32_t site_with() {
  (void)&TypedSite<Tag, A...>::at_start;
  return SiteOf<Tag>::gate.id.load(Order::kRelaxed);  // relaxed: this thread registered it
}

#define FUZZ_SITE(name, kind, text_)                                     \
  struct name {                                                          \
    static constexpr SiteText text() {                                   \
      return {SiteKind::kind, Severity::kInfo, text_, "fuzz.cc", "", 1}; \
    }                                                                    \
  }
FUZZ_SITE(Plain, kLog, "x");
FUZZ_SITE(Fields, kEvent, "type");
FUZZ_SITE(Metric, kCounter, "name");

using FieldsArg = Tagged<ArgRole::kFieldList, std::string_view>;

const std::vector<std::uint32_t>& sites() {
  static const std::vector<std::uint32_t> kSites = {
      site_with<Plain>(),
      site_with<Fields, KeyValue<1, int>, KeyValue<2, std::string>, FieldsArg>(),
      site_with<Metric, FieldsArg>(),
  };
  return kSites;
}

void check_messages(const unsigned char* bytes, std::size_t size) {
  static SiteLayouts layouts;
  static EnvelopeEncoder envelopes({4242, "host"});
  static TextEncoder lines;
  static simdjson::dom::parser parser;
  static const bool kIntroduced =
      (envelopes.set_client(0, {"logger", 6}), lines.set_client(0, {"logger", 6}), true);
  (void)kIntroduced;
  static ContextText context;
  const std::size_t arg_bytes = bytes[1] % size;  // the record's; the rest is the context's
  render_context(context, bytes + arg_bytes, size - arg_bytes);
  const std::uint32_t site = sites()[bytes[0] % sites().size()];
  const ClockLine clock{0, 0, 1};
  const RecordView record{layouts.find(site), bytes, arg_bytes, 0, &clock, &context, context.bytes};
  if (parser.parse(simdjson::padded_string(encoded(envelopes, record))).error() !=
      simdjson::SUCCESS) {
    std::abort();
  }
  const std::string line = encoded(lines, record);
  if (!simdjson::validate_utf8(line) || !is_readable_line(line)) std::abort();
  check_layouts(record);
}

void check_traceparent(std::string_view text) {
  const absl::StatusOr<TraceContext> trace = parse_traceparent(text);
  if (trace.ok() && traceparent(*trace).substr(2, 51) != text.substr(2, 51)) std::abort();
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::check_traceparent({reinterpret_cast<const char*>(bytes), size});
  if (size > 1 && size < 4096) metlog::check_messages(bytes, size);
  return 0;
}
