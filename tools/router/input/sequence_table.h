#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/missing_numbers.h"

namespace metlog {

/// Finds gaps in the sequence numbers of batched frames, by session and stream. A stream begins
/// with 0, so what comes before its first frame is a gap as well: lost, or sent before the router
/// was there. Keeps at most kMaxStreams and then forgets the one that was silent for longest, so
/// that no peer can fill the memory with invented sessions; what a forgotten stream is missing
/// until it comes again is unknown. The numbers are not authenticated: a peer can make `missing`
/// anything (it saturates). Used by one thread.
class SequenceTable {
 public:
  static constexpr std::size_t kMaxStreams = 4096;

  SequenceTable();
  ~SequenceTable();

  /// Records an undamaged frame.
  void note(const FrameHeader& frame);

  [[nodiscard]] const SequenceCounts& counts() const { return counts_; }
  /// Returns up to `max_streams` streams, those with most missing messages first, then those with
  /// most late frames. Streams with neither are left out.
  [[nodiscard]] std::vector<SequenceStream> worst(std::size_t max_streams) const;

  using SessionId = std::array<std::uint8_t, 16>;
  /// What has come of a stream.
  struct Arrivals {
    std::uint64_t first = 0;     // number of the first message
    std::uint64_t expected = 0;  // the highest number of all that came, plus 1
    std::uint64_t messages = 0;  // those that came twice count twice
    std::uint64_t repeated = 0;  // of these
    // Of these: came late or twice, which of both is not known.
    std::uint64_t late_unknown = 0;
    // False when streams had been forgotten, maybe this one: `first` says nothing then, and what is
    // missing before it is not in `missing`.
    bool is_start_known = true;
    const MissingNumbers& missing;  // below `expected`; valid until the next note()
  };
  /// Returns it; nothing of a stream that is unknown or was forgotten.
  [[nodiscard]] std::optional<Arrivals> find(const SessionId& session, std::uint32_t stream) const;

 private:
  struct Stream;
  struct Streams;  // a hash map, kept out of this header

  void note_start(Stream& stream, std::uint64_t sequence);
  Stream& stream_of(const FrameHeader& frame);

  const std::unique_ptr<Streams> streams_;
  SequenceCounts counts_;
};

}  // namespace metlog
