// Encoder::bound() holds for the records that need the most bytes.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "metlog/internal/codec/envelope_encoder.h"
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

void expect_bound_holds(std::uint32_t site, const std::string& record_bytes) {
  SiteLayouts layouts;
  EnvelopeEncoder envelopes({4242, "host"});
  TextEncoder lines;
  const ClockLine clock{0, 0, 1};
  const RecordView record{layouts.find(site),
                          reinterpret_cast<const unsigned char*>(record_bytes.data()),
                          record_bytes.size(), 0, &clock};
  for (Encoder* const encoder :
       {static_cast<Encoder*>(&envelopes), static_cast<Encoder*>(&lines)}) {
    encoder->set_client(0, {"logger"});
    const std::size_t bound = encoder->bound(record, 0);
    std::vector<char> out(bound + 100 * record_bytes.size() + 4096);  // so that it is seen
    const char* const end = encoder->encode(out.data(), record, 0);
    EXPECT_LE(static_cast<std::size_t>(end - out.data()), bound);
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
