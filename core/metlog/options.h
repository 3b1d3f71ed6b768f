#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/severity.h"

namespace metlog {

/// The thread that takes the time stamp of log calls, events and counters. Timers always read the
/// clock in the call.
enum class StampedBy : std::uint8_t {
  /// The calling thread: exact, and with about 10 ns the greater part of a call.
  kCaller,
  /// The flusher, when it reads the record: late by up to EngineOptions::poll_interval and the time
  /// for what is queued before it. The messages of one thread keep their order, those of several do
  /// not.
  kFlusher,
};

/// The options of one client.
struct ClientOptions {
  /// The `logger` of its messages.
  std::string logger = "";
  /// The severity of events, counters and timers that have none; 0 to 7, not checked.
  int severity = 6;
  /// The format of its messages: a MessageFormat, or a function, see Formatter. `format=` in a
  /// destination's URL overrides it.
  Formatter format = MessageFormat::kJson;
  /// Adds the identity of each message to it, `metlog_id`: of two messages that have the same one,
  /// as after the recovery of a death, one is to be thrown away. docs/wire.md has its form. `id=1`
  /// in a destination's URL overrides it.
  bool message_ids = false;
  /// Log calls less severe than this are not emitted; nor are events, counters and timers when
  /// `severity` is. None: what levels.h says of the logger, and else everything but TRACE. May be
  /// changed later, by set_level() and by Client::set_min_severity(); METLOG_LEVEL in the
  /// environment overrides it.
  std::optional<Severity> min_severity = std::nullopt;
  /// The filters that its messages pass, in this order; see Filter. What the leading ones decide by
  /// severity or type alone is decided at the call, which then emits nothing.
  std::vector<Filter> filters = {};
  /// The resolution of timers' payloads and results.
  TimerResolution timer_resolution = TimerResolution::kNanoseconds;
  /// Names of timers that do nothing; `*` for all. May be changed later, see
  /// Client::set_disabled_timers().
  std::vector<std::string> disabled_timers = {};
  /// The reaction of a call to a full ring of its thread.
  WhenFull when_full = WhenFull::kDrop;
  StampedBy stamped_by = StampedBy::kCaller;
  /// The limit for WhenFull::kGrow: bytes of all rings of one thread together.
  std::uint64_t grow_limit_bytes = std::uint64_t{16} << 20;
  /// Connections to the destination, 1 to 64. The messages of one thread always take the same one.
  /// Each has a thread that sends, which all clients of the same URL share.
  std::size_t pool_size = 1;
  /// Bytes that are collected before a batch is sent, 1 to 2^30; a smaller batch is sent when the
  /// flusher has drained all rings, or after EngineOptions::linger.
  std::size_t batch_bytes = 256 * 1024;
  /// Batches of each connection, 1 to 65536: with batch_bytes, they bound its memory.
  std::size_t batch_count = 4;
  /// How often the client's account goes into its own stream, in a message of type metlog.stats;
  /// the last one when it is closed, with the proof that nothing is missing. 0 for never; else from
  /// 1 ms. docs/ledger.md shows one.
  std::chrono::nanoseconds stats_interval = std::chrono::nanoseconds(0);
  /// The time for which the destructor waits at most until everything is sent.
  std::chrono::nanoseconds close_limit = std::chrono::seconds(2);
};

/// Whose messages the start of a program delivers, of those that processes left in the session
/// directory when they died.
enum class Recover : std::uint8_t {
  kAll,         // of every program, as far as this one can reach their destinations
  kOwnProgram,  // of earlier runs of this program
  kNone,        // nobody's: `metlogd` or `metlog recover` does it, or nothing
};

/// The options of the process's engine; see Engine::configure().
struct EngineOptions {
  /// Bytes of one thread's ring: a power of two from 4 KiB to 64 MiB. A new ring has memory for its
  /// first 12 KiB, and gets more as it is filled for the first time.
  std::size_t ring_bytes = 256 * 1024;
  /// Bytes of all rings together, filled or not. A thread that gets no ring waits for one under
  /// WhenFull::kBlock, until another thread that logs has ended; under the other policies its
  /// messages are lost as `no_ring`. Both are said on standard error at once.
  std::size_t max_ring_bytes = std::size_t{256} << 20;
  /// Rings kept ready for new threads.
  std::size_t spare_rings = 2;
  /// The flusher sleeps between two looks at the rings. It measures how full they were and chooses
  /// a time after which they will be an eighth full: at least `poll_interval`, at most
  /// `max_poll_interval` while there are messages, and up to `idle_interval` in a process that logs
  /// nothing, whose next message waits that long. A ring that becomes a quarter full meanwhile
  /// wakes it, and so do flush() and close(). Shorter times cost the host more: see
  /// docs/benchmarks.md. Each is 1 us to 500 ms, as the clock is read twice a second; a longest
  /// time that is shorter than `poll_interval` means that one. With a client that is
  /// StampedBy::kFlusher, the flusher sleeps for `poll_interval`. Engine::Parts takes other
  /// strategies.
  std::chrono::nanoseconds poll_interval = std::chrono::microseconds(100);
  std::chrono::nanoseconds max_poll_interval = std::chrono::milliseconds(5);
  std::chrono::nanoseconds idle_interval = std::chrono::milliseconds(100);
  /// Lets a call that has filled a quarter of its thread's ring wake a flusher that sleeps for 150
  /// us or longer: one system call, at most once per quarter of a ring. In the first lap of a new
  /// ring, a call may also ask the system for the memory of the next quarter, if the flusher has
  /// not done so before. Without this option a thread's calls make no system call after the first
  /// one, but a burst that comes after a pause can lose messages, and each ring takes all its
  /// memory when it is made.
  bool wake_when_filling = true;
  /// Log calls of this severity or a more severe one wake the flusher at once: kEmergency to
  /// kWarning. All calls of WARNING and more severe then take the slower path.
  /// It is the severity of the macro or function, METLOG_ERROR or error(): one that is given as a
  /// field does not count, and events do not wake.
  std::optional<Severity> wake_severity = std::nullopt;
  /// The first part of the names of the engine's threads, of 9 bytes at most, as the system shows
  /// them: `shop` makes the flusher's `shop-flush` and that of each connection `shop-send`. Empty
  /// for `metlog-flusher` and `metlog-send`.
  std::string thread_name = {};
  /// The nice value of these threads, -20 (most urgent) to 19, and their CPUs, as taskset writes
  /// them: `0,2-3`. Without them they have those of the threads that start them, which call open().
  /// Other threads keep theirs. Threads of libraries, such as ZeroMQ's, run there, too, if the
  /// client's destination is a URL. Where the
  /// system refuses a value, because a CPU is outside the process's cpuset or a nice value below
  /// its own needs a right (LimitNICE= of systemd, ulimit -e, CAP_SYS_NICE), Engine::configure()
  /// fails and says so, or else the first open(). Threads that start later, for other clients or in
  /// a forked child, may find less allowed: they go on where they are, and standard error says so.
  std::optional<int> thread_nice = std::nullopt;
  std::optional<std::string> thread_affinity = std::nullopt;
  /// How long a batch that is not full may wait for further messages, 0 to 500 ms, while the
  /// flusher looks at the rings more often than that: under much load, while a destination has no
  /// room, and with clients that are StampedBy::kFlusher. It is handed over at the end of a round
  /// if it would be older when the next one begins, so no message waits for this alone, and the
  /// flusher does not wake for it. flush(), close() and every call that wakes the flusher hand over
  /// all. 0: after each round, as with other strategies of Engine::Parts, and with step().
  std::chrono::nanoseconds linger = std::chrono::milliseconds(1);
  /// Stamps calls with the processor's counter where it is invariant; else each call reads
  /// CLOCK_MONOTONIC and takes the slower path.
  bool use_tsc = true;
  /// The directory of the rings, in which they outlive the process; empty for
  /// /dev/shm/metlog-<uid>, "none" for anonymous memory. Where it is refused, the rings are in
  /// anonymous memory, too, which standard error and Engine::anonymous_rings() say.
  std::string session_directory = {};
  /// Installs a handler of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT and SIGTRAP and of
  /// std::terminate() with the engine. It stores signal, address, thread, time and return addresses
  /// in the session's files, calls the handler that was installed before, once, and lets the
  /// process die of the same signal, with its core file. Every thread that logs gets an alternate
  /// stack, unless it has one, so that a stack overflow is stored, too. A handler that repairs
  /// faults and returns must be installed after the engine has started. See docs/calls.md.
  bool crash_handler = false;
  /// The time, at most one minute, for which that handler waits until everything that was logged
  /// before the crash is sent. 0 does not wait: then what is in the session's files is for
  /// recovery. Waiting means that filters and senders still run in a process that is broken.
  std::chrono::nanoseconds crash_drain_limit = std::chrono::nanoseconds(0);

  /// What dead processes have left in the session directory is delivered when the first client has
  /// been opened, on a thread of its own, `metlog-recover`, which is started only when there is
  /// something. See docs/recovery.md. METLOG_RECOVER=all, own or none in the environment overrides
  /// it.
  Recover recover = Recover::kAll;
  /// Bytes that dead sessions may keep in that directory when they cannot be delivered, at most
  /// half of its file system. Above that the oldest messages are thrown away, and counted:
  /// metlog.loss in their stream and standard error say how many. None for the smaller of 256 MiB
  /// and a quarter of the file system; 0 keeps nothing.
  std::optional<std::uint64_t> leftover_bytes = std::nullopt;

  friend bool operator==(const EngineOptions&, const EngineOptions&) = default;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
