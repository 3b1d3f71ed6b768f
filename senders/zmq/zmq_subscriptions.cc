#include "senders/zmq/zmq_subscriptions.h"

#include "metlog/internal/codec/frame_header.h"

namespace metlog {

void ZmqSubscriptions::add(std::string_view topic, bool is_reader) {
  topics_.emplace(topic);
  has_asked_ = true;
  const bool is_of_present_peer = connected_now_ == 0 || (connected_now_ == 1 && !was_silent_);
  // A reader subscribes to the topic of batched frames last, so any other topic is a new peer's.
  reads_batched_ = is_reader && is_of_present_peer && topic == FrameHeader::kTopic;
}

void ZmqSubscriptions::remove(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) topics_.erase(found);
  if (topic == FrameHeader::kTopic) reads_batched_ = false;
}

}  // namespace metlog
