#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/internal/emit/client_slots.h"
#include "metlog/severity.h"

namespace metlog {

/// Who takes the time stamp of log calls, events and counters. Timers read the clock in any case.
enum class StampedBy : std::uint8_t {
  /// The call: about 10 ns, the greater part of it, and exact.
  kCaller,
  /// The flusher, when it finds the record: late by up to the poll interval, and by what is queued
  /// before it. The order of one thread's messages is kept, that of different threads' is not.
  kFlusher,
};

/// How one client works.
struct ClientOptions {
  /// The `logger` of its messages.
  std::string logger = "";
  /// The severity of events, counters and timers that name none; 0 to 7, though not checked.
  int severity = 6;
  /// What its messages look like: a MessageFormat, or a function, see Formatter. `format=` in a
  /// destination's URL wins.
  Formatter format = MessageFormat::kJson;
  /// Log calls less severe than this are not emitted; nor are events, counters and timers when
  /// `severity` is. May be changed later by Client::set_min_severity().
  Severity min_severity = Severity::kDebug;
  /// What its messages pass, in this order, before they are sent; see Filter. What the leading ones
  /// decide by severity or type alone is decided at the call, which then is not even emitted.
  std::vector<Filter> filters = {};
  /// Of timers' payloads and results.
  TimerResolution timer_resolution = TimerResolution::kNanoseconds;
  /// Names of timers that do nothing; `*` for all. May be changed later by
  /// Client::set_disabled_timers() and its like.
  std::vector<std::string> disabled_timers = {};
  /// What a call does when its thread's ring is full.
  WhenFull when_full = WhenFull::kDrop;
  StampedBy stamped_by = StampedBy::kCaller;
  /// The bound for WhenFull::kGrow: bytes of all rings of one thread together.
  std::uint64_t grow_limit_bytes = std::uint64_t{16} << 20;
  /// Connections to the destination. The messages of one thread always take the same one.
  std::size_t pool_size = 1;
  /// Bytes that are collected before a batch is handed to a sender; a batch that holds less goes
  /// when the flusher has been through all rings.
  std::size_t batch_bytes = 256 * 1024;
  /// Batches on their way per connection: with batch_bytes, the bound of the memory behind it.
  std::size_t batch_count = 4;
  /// How long the destructor waits until everything is sent.
  std::chrono::nanoseconds close_limit = std::chrono::seconds(2);
};

/// How the process's engine works; see Engine::configure().
struct EngineOptions {
  /// Bytes of one thread's ring: a power of two from 4 KiB to 64 MiB.
  std::size_t ring_bytes = 256 * 1024;
  /// Bytes of all rings together; a thread that finds no room is counted as lost.
  std::size_t max_ring_bytes = std::size_t{256} << 20;
  /// Rings kept ready for threads to come.
  std::size_t spare_rings = 2;
  /// How long the flusher sleeps when it finds nothing. A shorter time makes calls slower, for
  /// every look takes cache lines away from the writers. Engine::Parts takes other strategies.
  std::chrono::nanoseconds poll_interval = std::chrono::microseconds(100);
  /// Stamp calls with the processor's counter where it is invariant; else each call asks
  /// CLOCK_MONOTONIC and takes the slower path.
  bool use_tsc = true;
  /// Where the rings lie so that they outlive the process; empty for /dev/shm/metlog-<uid>,
  /// "none" for anonymous memory.
  std::string session_directory;
};

}  // namespace metlog
