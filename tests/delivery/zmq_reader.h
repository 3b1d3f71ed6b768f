#pragma once

#include <gtest/gtest.h>
#include <zmq.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "tests/delivery/numbered_calls.h"

namespace metlog {

/// A bound SUB with libzmq's usual queues and a thread that reads it, in a context of its own as
/// another process would have it.
class ZmqReader {
 public:
  struct Options {
    bool asks_for_batches = false;  // as metlogd does
    bool is_slow = false;           // small queues, and a pause after each 64 frames
    bool never_reads = false;
  };

  ZmqReader(const std::string& endpoint, Options options)
      : options_(options), context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, ZMQ_SUB)) {
    set(ZMQ_LINGER, 0);
    set(ZMQ_RCVTIMEO, 20);
    if (options.is_slow || options.never_reads) set(ZMQ_RCVHWM, 1);
    if (options.never_reads) set(ZMQ_RCVBUF, 4096);
    ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
    if (options.asks_for_batches) {
      ::zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, FrameHeader::kTopic.data(),
                       FrameHeader::kTopic.size());
    }
    EXPECT_EQ(::zmq_bind(socket_, endpoint.c_str()), 0) << endpoint << zmq_strerror(zmq_errno());
    std::string bound(256, '\0');
    std::size_t size = bound.size();
    ::zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
    endpoint_ = bound.substr(0, size - 1);
    thread_ = std::thread([this] { run(); });
  }
  ~ZmqReader() {
    end();
    ::zmq_close(socket_);
    ::zmq_ctx_term(context_);
  }
  ZmqReader(const ZmqReader&) = delete;
  ZmqReader& operator=(const ZmqReader&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  /// How many calls have come, while it reads.
  [[nodiscard]] std::uint64_t count() const {
    return count_.load(std::memory_order_relaxed);  // relaxed: a counter
  }
  /// Stops reading at once, and returns what has come.
  const NumberedCalls& end() {
    is_over_.store(true, std::memory_order_relaxed);  // relaxed: a switch
    if (thread_.joinable()) thread_.join();
    return arrivals_;
  }
  /// Reads what is left, of so many messages in all, and returns what has come.
  const NumberedCalls& read_to_the_end(std::uint64_t expected) {
    end();
    set(ZMQ_RCVTIMEO, 10'000);
    while (arrivals_.messages() < expected && read_frame()) continue;
    set(ZMQ_RCVTIMEO, 50);
    while (read_frame()) continue;
    return arrivals_;
  }

 private:
  void run() {
    std::uint64_t frames = 0;
    while (!is_over_.load(std::memory_order_relaxed)) {  // relaxed: a switch
      if (options_.never_reads) {
        attend();
      } else if (read_frame() && options_.is_slow && ++frames % 64 == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }
  /// Lets libzmq send the subscriptions to a new peer; it does so only in the reader's calls.
  void attend() {
    int events = 0;
    std::size_t size = sizeof events;
    ::zmq_getsockopt(socket_, ZMQ_EVENTS, &events, &size);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  bool read_frame() {
    zmq_msg_t message;
    ::zmq_msg_init(&message);
    const int size = ::zmq_msg_recv(&message, socket_, 0);
    if (size >= 0) {
      arrivals_.take_frame(
          {static_cast<const char*>(::zmq_msg_data(&message)), static_cast<std::size_t>(size)});
      count_.store(arrivals_.calls(), std::memory_order_relaxed);  // relaxed: a counter
    }
    ::zmq_msg_close(&message);
    return size >= 0;
  }
  void set(int option, int value) { ::zmq_setsockopt(socket_, option, &value, sizeof value); }

  const Options options_;
  void* context_;
  void* socket_;
  std::string endpoint_;
  NumberedCalls arrivals_;  // the thread's, then that of end()'s caller
  std::atomic<std::uint64_t> count_{0};
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

}  // namespace metlog
