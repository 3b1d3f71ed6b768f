#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "tools/router/output/dead_letter_file.h"

namespace metlog {

/// The dead letters of a router's inputs: what was received and is no message, in a file of JSON
/// lines. A thread writes it, so that no disk delays the router; what waits for it is bounded. Used
/// by the router's thread.
class RefusedInput {
 public:
  /// Of what was received, so much is kept; the rest is cut.
  static constexpr std::size_t kMaxKeptBytes = 256 * 1024;
  /// Of what waits for the file; a letter always has room when none waits.
  static constexpr std::size_t kMaxWaitingBytes = 2 * 1024 * 1024;

  explicit RefusedInput(DeadLetterFile::Options file);
  ~RefusedInput();
  RefusedInput(const RefusedInput&) = delete;
  RefusedInput& operator=(const RefusedInput&) = delete;

  /// False when no file was given; then the other functions do nothing.
  [[nodiscard]] bool is_wanted() const { return is_wanted_; }
  /// Starts the thread. Until then end_round() does its work.
  absl::Status start();

  struct Letter {
    std::string_view source;     // the endpoint of the input
    std::string_view reason;     // as in the ledger
    std::string_view bytes;      // that were received
    std::size_t sent_bytes = 0;  // by the peer; more when the input has cut them
    std::string_view peer = {};  // who sent it; empty when that is not known
  };
  /// Takes a letter, or counts it as not kept. Never waits.
  void note(const Letter& letter);
  /// Ends a round of the router: hands over what was noted.
  void end_round();
  /// Says that nothing follows, so that the thread ends beside others that are waited for first.
  void begin_close();
  /// Writes what waits, for `limit` at most; what is left is counted as not kept. The last call
  /// but counts().
  void close(std::chrono::nanoseconds limit);

  struct Counts {
    std::uint64_t kept = 0;
    std::uint64_t not_kept = 0;  // the file was full or failed, or letters came too fast for it
  };
  /// Letters that wait are in neither.
  [[nodiscard]] Counts counts() const;

 private:
  struct State;  // shared with the thread, which may outlive this when a disk hangs

  const bool is_wanted_;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace metlog
