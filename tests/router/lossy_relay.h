#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "tests/router/peers.h"
#include "tests/senders/receiver.h"
#include "tools/router/input/missing_numbers.h"

namespace metlog {

/// Passes datagrams on and throws a share of them away, by a seed; those that say goodbye always
/// pass. It knows which messages those were. pump() passes on what has come: nothing waits.
class LossyRelay {
 public:
  LossyRelay(double share, std::uint32_t seed) : share_(share), random_(seed) {}

  [[nodiscard]] const Receiver& receiver() const { return receiver_; }

  void pump(const UdpPeer& to) {
    while (receiver_.has_more()) {
      const std::string datagram = receiver_.receive(1).at(0);
      const bool is_last = datagram.find("\"final\":true") != std::string::npos;
      if (!is_last && std::uniform_real_distribution<>(0, 1)(random_) < share_) {
        note_dropped(datagram);
        continue;
      }
      to.send(datagram);
      ++passed_;
      if (twice_ && !is_last) {
        to.send(datagram);
        ++passed_;
      }
    }
  }
  /// Makes each datagram pass twice.
  void repeat() { twice_ = true; }

  [[nodiscard]] std::uint64_t passed() const { return passed_; }
  /// Messages, of the engine too.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  /// The numbers of those of a stream, as ranges; only of batched frames.
  [[nodiscard]] std::vector<NumberRange> dropped_of(std::uint32_t stream) const {
    const auto found = ranges_.find(stream);
    return found == ranges_.end() ? std::vector<NumberRange>() : found->second;
  }

 private:
  void note_dropped(const std::string& datagram) {
    FrameError error{};
    const std::optional<ReadFrame> frame =
        is_batched_frame(datagram) ? read_frame(datagram, error) : std::nullopt;
    if (!frame.has_value()) {
      ++dropped_;
      return;
    }
    const FrameHeader& header = frame->header;
    dropped_ += header.count;
    std::vector<NumberRange>& ranges = ranges_[header.stream];
    if (!ranges.empty() && ranges.back().first + ranges.back().count == header.sequence) {
      ranges.back().count += header.count;
    } else {
      ranges.push_back({header.sequence, header.count});
    }
  }

  const double share_;
  std::mt19937 random_;
  bool twice_ = false;
  Receiver receiver_;
  std::uint64_t passed_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::uint32_t, std::vector<NumberRange>> ranges_;
};

}  // namespace metlog
