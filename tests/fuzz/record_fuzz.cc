// Encodes records of arbitrary bytes, as a damaged ring may hold them. The output never exceeds
// bound() (AddressSanitizer sees it). It is one line of valid JSON, or one line of text without an
// unprintable character.

#include <simdjson.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "metlog/field.h"
#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/site/site.h"
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
FUZZ_SITE(Scalars, kLog, "{} {} {} {} {} {} {} {}");
FUZZ_SITE(Specs, kLog, "{:>40} {:#x} {:.3f} {:+e}");
FUZZ_SITE(Numbers, kLog, "{:>{}} {:\u00e9^{}.{}f} {:.{}Lf} {:{}}");
FUZZ_SITE(Wide, kLog, "{} {} {} {} {:40} {:b} {:a} {:?} {:c}");
FUZZ_SITE(Composites, kLog, "{} {} {}");
FUZZ_SITE(WideComposites, kLog, "{} {} {}");
FUZZ_SITE(ManyCharacters, kLog, "{}{}");
FUZZ_SITE(Tuples, kLog, "{}{}");
FUZZ_SITE(Repeated, kLog, "{0}{1}{0}{0}");
FUZZ_SITE(Fields, kEvent, "type");
FUZZ_SITE(Counter, kCounter, "name");
FUZZ_SITE(Timer, kTimer, "name");
FUZZ_SITE(Runtime, kLog, "");

template <ArgRole kRole>
using TextAs = Tagged<kRole, std::string_view>;

const std::vector<std::uint32_t>& sites() {
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  static const std::vector<std::uint32_t> kSites = {
      site_with<Scalars, int, std::uint64_t, float, double, bool, char, void*, milliseconds>(),
      site_with<Specs, std::string, int, double, float>(),
      site_with<Numbers, std::string, int, double, std::uint64_t, std::int64_t, long double,
                unsigned, bool, int>(),
      site_with<Wide, std::chrono::file_clock::time_point, std::chrono::local_days, Int128,
                long double, std::chrono::weeks, Uint128, long double, std::string, std::int64_t>(),
      site_with<WideComposites, std::vector<std::variant<std::monostate, int, std::string>>,
                std::map<Int128, char32_t>, std::tuple<std::chrono::sys_days, long double>>(),
      site_with<Composites, std::vector<std::string>, std::map<int, std::optional<double>>,
                std::tuple<bool, char, system_clock::time_point>>(),
      site_with<ManyCharacters, std::vector<char>,
                std::tuple<void*, std::tuple<>, system_clock::time_point, void*,
                           system_clock::time_point, std::map<char, char>>>(),
      site_with<Tuples, std::vector<std::tuple<std::tuple<char>>>,
                std::map<char, std::tuple<char, std::tuple<>>>>(),
      site_with<Repeated, std::string, std::vector<char>>(),
      site_with<Fields, KeyValue<4, std::vector<bool>>, KeyValue<2, std::string>,
                TextAs<ArgRole::kLogger>, SeverityArg, TextAs<ArgRole::kFieldList>,
                TextAs<ArgRole::kPayloadValue>>(),
      site_with<Counter, Tagged<ArgRole::kCount, double>, Rate, TextAs<ArgRole::kFieldList>>(),
      site_with<Timer, TextAs<ArgRole::kName>, Elapsed>(),
      site_with<Runtime, TextAs<ArgRole::kFormat>, int, std::string, double>(),
  };
  return kSites;
}

constexpr std::size_t kWithOwnSeverity = 9;  // of sites(): the record holds the severity

void check(const unsigned char* bytes, std::size_t size) {
  static SiteLayouts layouts;
  static EnvelopeEncoder envelopes({4242, "host"});
  static TextEncoder lines;
  static simdjson::dom::parser parser;
  static const bool kIntroduced =
      (envelopes.set_client(0, {"logger", 6}), lines.set_client(0, {"logger", 6}), true);
  (void)kIntroduced;
  const ClockLine clock{0, 0, 1};
  const std::uint32_t site = sites()[bytes[0] % sites().size()];
  const RecordView record{layouts.find(site), bytes + 1, size - 1, 0, &clock};
  const std::string envelope = encoded(envelopes, record);
  if (parser.parse(simdjson::padded_string(envelope)).error() != simdjson::SUCCESS) std::abort();
  const std::string line = encoded(lines, record);
  if (line.compare(0, 35, "1970-01-01T00:00:00.000000Z INFO   ") != 0 &&
      site != sites()[kWithOwnSeverity]) {
    std::abort();
  }
  if (!simdjson::validate_utf8(line)) std::abort();
  // The unprintable characters beyond ASCII.
  if (line.find('\x7f') != std::string::npos || !is_readable_line(line)) std::abort();
  check_layouts(record);
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 0 && size < 4096) metlog::check(bytes, size);
  return 0;
}
