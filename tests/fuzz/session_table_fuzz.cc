// What peers may say in metlog.stats messages, and number in batched frames: a line that begins
// with 'f' is a frame's header, any other the fields of a message.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"
#include "metlog/internal/config/json_writer.h"
#include "tests/fuzz/fuzz_cost.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/session_table.h"

namespace metlog {
namespace {

constexpr std::size_t kNamed = 100;
// The decoder, and sessions with a few bytes each in the input.
constexpr std::size_t kExtraBytes = 16 << 20;

void require(bool holds) {
  if (!holds) std::abort();
}

void note_frame(std::string_view bytes, SequenceTable& sequences) {
  FrameHeader header;
  constexpr std::size_t kFields = 1 + 1 + 4 + 8;
  if (bytes.size() < kFields) return;
  header.session.fill(static_cast<std::uint8_t>(bytes[0]));
  header.stream = static_cast<std::uint8_t>(bytes[1]);
  std::memcpy(&header.count, bytes.data() + 2, 4);
  std::memcpy(&header.sequence, bytes.data() + 6, 8);
  if (header.count != 0) sequences.note(header);
}

void note_message(std::string_view fields, Decoder& decoder, SessionTable& table) {
  std::string text = R"({"type":"metlog.stats","timestamp":"2013-01-18T12:34:56.789012Z",)"
                     R"("logger":"a","severity":6,"payload":"","env_version":"0.8",)"
                     R"("metlog_pid":1,"metlog_hostname":"h","fields":{)";
  text.append(fields).append("}}");
  const std::size_t size = text.size();
  text.append(kFramePadding, '}');
  DecodedMessage message;
  if (decoder.decode({{text.data(), size}, size}, message)) return;
  table.note_plain(message);
  if (message.type == "metlog.stats") table.note_stats(message, SessionTable::Clock::now());
  table.note_death(message);
}

void check(const SessionsLedger& ledger) {
  require(ledger.worst.size() <= kNamed);
  for (const SessionLedger& session : ledger.worst) {
    require(session.lost_on_way <= ledger.lost_on_way && session.undecided <= ledger.undecided);
    require(session.clients.size() <= SessionTable::kMaxClients);
    for (const ClientLedger& client : session.clients) {
      for (const StreamLedger& stream : client.streams) {
        std::uint64_t listed = 0;
        std::uint64_t end = 0;
        for (const NumberRange& range : stream.ranges) {
          require(range.count != 0 && range.first >= end);
          end = range.first + range.count;
          listed += range.count;
        }
        require(listed + stream.not_listed == stream.missing);
      }
    }
  }
  require(!to_json(to_value(ledger)).empty());
  static_cast<void>(to_text(ledger));
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace metlog;
  static Decoder decoder{DecoderLimits()};
  const FuzzCost cost(size, kExtraBytes);
  SequenceTable sequences;
  SessionTable table(sequences, {SessionTable::Clock::time_point(), 0});
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line[0] == 'f') {
      note_frame(line.substr(1), sequences);
    } else {
      note_message(line, decoder, table);
    }
  }
  check(table.ledger(kNamed, SessionTable::Clock::now()));
  return 0;
}
