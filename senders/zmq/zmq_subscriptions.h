#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {

/// What the peer of a connecting XPUB has asked for, from the events of the connection and the
/// subscriptions, which libzmq passes in two queues: read the events first, then the subscriptions.
///
/// The topics are those that libzmq filters by. It keeps them while the peer is away, so one that
/// comes back is heard at once. Whether batched frames may be sent is the present peer's answer
/// alone: an other one may listen there after a restart. Where a subscription may be from either,
/// it counts as from one that reads plain frames. Used by one thread.
class ZmqSubscriptions {
 public:
  /// Before events and subscriptions are read.
  void begin_look() {
    connected_now_ = 0;
    was_silent_ = is_connected_ && !has_asked_;
  }
  void connected() {
    ++connected_now_;
    is_connected_ = true;
    has_asked_ = reads_batched_ = false;
  }
  void disconnected() { is_connected_ = reads_batched_ = false; }
  /// `is_reader` is false for a peer that passes messages on (XSUB): it cannot say what all of
  /// those behind it read.
  void add(std::string_view topic, bool is_reader) {
    topics_.emplace(topic);
    has_asked_ = true;
    const bool is_of_present_peer = connected_now_ == 0 || (connected_now_ == 1 && !was_silent_);
    // A reader subscribes to the topic of batched frames last, so any other topic is a new peer's.
    reads_batched_ = is_reader && is_of_present_peer && topic == FrameHeader::kTopic;
  }
  void remove(std::string_view topic) {
    const auto found = topics_.find(topic);
    if (found != topics_.end()) topics_.erase(found);
    if (topic == FrameHeader::kTopic) reads_batched_ = false;
  }

  /// True while connected to a peer, and there are topics.
  [[nodiscard]] bool is_heard() const { return is_connected_ && !topics_.empty(); }
  /// True when the peer has asked for batched frames.
  [[nodiscard]] bool reads_batched() const { return reads_batched_; }

 private:
  std::set<std::string, std::less<>> topics_;
  bool is_connected_ = false;
  bool has_asked_ = false;  // the present peer, for anything
  bool reads_batched_ = false;
  // Of the present look.
  int connected_now_ = 0;
  bool was_silent_ = false;
};

}  // namespace metlog
