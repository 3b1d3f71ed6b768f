// Encoder::bound() holds for the records that need the most bytes.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/site/site.h"

namespace metlog {
namespace {

using std::chrono::system_clock;

#define BOUND_SITE(name, text_)                                                        \
  struct name {                                                                        \
    static constexpr SiteText text() {                                                 \
      return {SiteKind::kLog, Severity::kInfo, text_, "encoder_bound_test.cc", "", 1}; \
    }                                                                                  \
  }

template <class Tag, class... A>
std::uint32_t site_with() {
  (void)&TypedSite<Tag, A...>::at_start;
  return SiteOf<Tag>::gate.id.load(Order::kRelaxed);  // relaxed: this thread registered it
}

/// A context of the fields that grow most: lists in lists, as field_bytes.h has them.
std::string nested_context() {
  const auto number = [](std::uint32_t value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  std::string list = "[" + number(0);
  for (int depth = 0; depth < 12; ++depth) list = "[" + number(2) + list + "z";
  std::string bytes = number(20);
  for (char key = 'a'; key < 'a' + 20; ++key) bytes += number(1) + key + list;
  return bytes;
}

void expect_bound_holds(Encoder& encoder, const RecordView& record) {
  const std::size_t bound = encoder.bound(record, 0);
  // So that it is seen.
  std::vector<char> out(bound + 100 * (record.arg_bytes + record.context_bytes) + 65'536);
  for (int i = 0; i < 2; ++i) {  // layouts render in the first round
    const char* const end = encoder.encode(out.data(), record, 0);
    if (end == nullptr) continue;  // no metric
    EXPECT_LE(static_cast<std::size_t>(end - out.data()), bound);
  }
}

void expect_bound_holds(std::uint32_t site, const std::string& record_bytes) {
  SiteLayouts layouts;
  const ProcessText process{4242, "host", "program"};
  EnvelopeEncoder envelopes(process);
  TextEncoder lines;
  const ClockLine clock{0, 0, 1};
  const ThreadText thread{4711, "thread", 1};
  RecordView record{layouts.find(site), reinterpret_cast<const unsigned char*>(record_bytes.data()),
                    record_bytes.size(), 0, &clock};
  record.thread = &thread;
  for (Encoder* const encoder :
       {static_cast<Encoder*>(&envelopes), static_cast<Encoder*>(&lines)}) {
    encoder->set_client(0, {"logger"});
    expect_bound_holds(*encoder, record);
  }
  ContextText context;
  const std::string fields = nested_context();
  render_context(context, reinterpret_cast<const unsigned char*>(fields.data()), fields.size());
  for (const FormatName& format : kFormatNames) {
    if (!has_layout(format.format)) continue;
    for (const char* pattern : {"", "%v%v%{payload}%{fields}%{fields}%n%{type}%{type}%128v"}) {
      FormatOptions options;
      if (format.format == MessageFormat::kPattern) options.pattern = pattern;
      LayoutEncoder encoder(process);
      ClientText client{"logger"};
      client.layout = *make_layout(format.format, options);
      encoder.set_client(0, client);
      record.context = nullptr;
      record.context_bytes = 0;
      expect_bound_holds(encoder, record);
      record.context = &context;
      record.context_bytes = context.bytes;
      expect_bound_holds(encoder, record);
    }
  }
}

// An argument's place in a record's fixed part.
std::string length(std::size_t size) {
  const auto bytes = static_cast<std::uint32_t>(size);
  return {reinterpret_cast<const char*>(&bytes), sizeof bytes};
}

BOUND_SITE(NamedTwice, "{0}{0}");
BOUND_SITE(NamedOften, "{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}");
TEST(EncoderBound, HoldsForATextThatTheFormatNamesMoreThanOnce) {
  for (const char byte : {'\x01', 'x', '\xff', '"'}) {
    const std::string text(3000, byte);
    expect_bound_holds(site_with<NamedTwice, std::string>(), length(text.size()) + text);
    expect_bound_holds(site_with<NamedOften, std::string>(), length(text.size()) + text);
  }
}

BOUND_SITE(Filled, "{:\x01>9999}{:\U000E0001^9999.9999f}{:\"<9999}");
TEST(EncoderBound, HoldsForWidthsThatAreFilledWithWhatIsEscaped) {
  const std::string text = "\x01";
  expect_bound_holds(site_with<Filled, std::string, double, bool>(),
                     length(text.size()) + std::string(8, '\x7a') + '\1' + text);
}

BOUND_SITE(Numbers, "{:\x01>{}}{:\U000E0001^{}.{}f}{:L>{}}");
TEST(EncoderBound, HoldsForWidthsAndPrecisionsThatArgumentsGive) {
  const std::string text = "\x01";
  for (const std::int64_t number :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{9'999}, std::int64_t{10'000},
        std::int64_t{1} << 31, INT64_MAX}) {
    const std::string bytes(reinterpret_cast<const char*>(&number), sizeof number);
    expect_bound_holds(
        site_with<Numbers, std::string, std::int64_t, double, std::int64_t, std::uint64_t, bool,
                  std::int64_t>(),
        length(text.size()) + bytes + std::string(8, '\x7a') + bytes + bytes + '\1' + bytes + text);
  }
}

BOUND_SITE(Wide, "{} {} {} {} {} {:>9999} {:f} {:b}");
BOUND_SITE(WideFields, "type");
TEST(EncoderBound, HoldsForTimesAndNumbersOfSixteenBytes) {
  using File = std::chrono::file_clock::time_point;
  using Span = std::chrono::duration<long double, std::ratio<60>>;
  const std::uint32_t site =
      site_with<Wide, File, Span, Int128, long double, char32_t, File, long double, Uint128>();
  const std::uint32_t fields =
      site_with<WideFields, KeyValue<1, std::vector<File>>, KeyValue<1, std::vector<Int128>>,
                KeyValue<1, std::vector<std::tuple<char32_t, std::chrono::sys_days>>>,
                KeyValue<1, std::vector<std::variant<char, char32_t>>>>();
  for (const char byte : {'\0', '\1', '\x7f', '\x80', '\xfe', '\xff'}) {
    expect_bound_holds(site, std::string(16 * 7 + 4, byte));
    const std::string elements(4 * 1600, byte);
    expect_bound_holds(fields, length(1600) + length(1600) + length(1600) + length(1600) +
                                   length(100) + elements.substr(4));
  }
}

BOUND_SITE(Characters, "{}");
TEST(EncoderBound, HoldsForCharactersThatAreEscapedTwice) {
  for (const char byte : {'\x01', '"', '\\', '\xff'}) {
    const std::string characters(3000, byte);
    expect_bound_holds(site_with<Characters, std::vector<char>>(),
                       length(4 + characters.size()) + length(characters.size()) + characters);
  }
}

BOUND_SITE(Pairs, "{}");
BOUND_SITE(Singles, "{}");
BOUND_SITE(Nested, "{}");
BOUND_SITE(WithNothing, "{}");
BOUND_SITE(Deep, "{}");
BOUND_SITE(NestedField, "text");
BOUND_SITE(NestedPayload, "type");
TEST(EncoderBound, HoldsForTuplesOfOneByteInContainers) {
  using Nothing = std::tuple<>;
  using Single = std::tuple<char>;
  using Double = std::tuple<Single>;
  using Deeper = std::tuple<std::tuple<std::tuple<std::tuple<Double>>>>;
  for (const char byte : {'\x01', '"'}) {
    const std::string characters(3000, byte);
    const std::string record =
        length(4 + characters.size()) + length(characters.size()) + characters;
    expect_bound_holds(site_with<Pairs, std::vector<std::pair<char, char>>>(), record);
    expect_bound_holds(site_with<Singles, std::vector<Single>>(), record);
    expect_bound_holds(site_with<Nested, std::vector<Double>>(), record);
    expect_bound_holds(
        site_with<WithNothing, std::vector<std::tuple<char, Nothing, Nothing, Nothing, Nothing>>>(),
        record);
    expect_bound_holds(site_with<Deep, std::vector<std::tuple<std::tuple<Deeper>>>>(), record);
    expect_bound_holds(site_with<NestedField, KeyValue<1, std::vector<Deeper>>>(), record);
    expect_bound_holds(site_with<NestedPayload, Tagged<ArgRole::kPayload, std::vector<Deeper>>>(),
                       record);
  }
}

BOUND_SITE(Tuples, "{} {}");
TEST(EncoderBound, HoldsForTuplesWhoseRecordEndsEarly) {
  using Times = std::tuple<system_clock::time_point, system_clock::time_point,
                           system_clock::time_point, system_clock::time_point, void*, void*, void*,
                           void*, void*, void*, void*, void*, void*, void*, void*, void*, void*,
                           std::tuple<>, std::tuple<>, std::map<char, char>>;
  const std::uint32_t site = site_with<Tuples, std::vector<Times>, Times>();
  for (std::size_t size = 0; size < 400; ++size) {
    expect_bound_holds(site, length(200) + length(200) + length(1) + std::string(size, '\xff'));
  }
}

}  // namespace
}  // namespace metlog
