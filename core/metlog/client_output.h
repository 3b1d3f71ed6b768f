#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metlog/connection_counts.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/ledger.h"
#include "metlog/make_sender.h"
#include "metlog/severity.h"

namespace metlog {

/// One of several destinations of a client:
///
///     metlog::open({"stderr:?format=pattern&level=warning", "file:app.jsonl",
///     "udp://10.0.0.1:5565"})
///
/// A record is drained once, and encoded once for each format. Every destination has a queue, a
/// thread for each connection and an account of its own; a client has 1 to 16 of them.
struct ClientOutput {
  // Implicit, so that a list of URLs is a list of destinations.
  ClientOutput(std::string where) : url(std::move(where)) {}
  ClientOutput(const char* where) : url(where) {}
  /// For one that the program opens itself.
  explicit ClientOutput(SenderFactory made_by) : connect(std::move(made_by)) {}

  /// The destination, see make_sender(). Its options override the members below: `level=warning`,
  /// `when_full=block`, `optional=1`, and `format=` with what belongs to it.
  std::string url;
  /// In its place: opens a connection.
  SenderFactory connect = nullptr;
  /// Messages that are less severe do not go there: `filtered` in its account. None: all that the
  /// client emits.
  std::optional<Severity> level = std::nullopt;
  /// Their format; none for the client's.
  std::optional<Formatter> format = std::nullopt;
  /// The filters that they pass after the client's.
  std::vector<Filter> filters = {};
  /// When all of its batches wait to be sent, kDrop loses its messages as `queue_full`, and the
  /// other destinations go on: they wait for 100 ms at most, and for one percent of the time in the
  /// end. kBlock lets them wait as long as it takes, so that the rings fill, and the calls do what
  /// ClientOptions::when_full says. Not kGrow.
  WhenFull when_full = WhenFull::kDrop;
  /// Its connections and batches, as in ClientOptions; none for the client's.
  std::optional<std::size_t> pool_size = std::nullopt;
  std::optional<std::size_t> batch_bytes = std::nullopt;
  std::optional<std::size_t> batch_count = std::nullopt;
  /// When it cannot be opened the client has the others, and standard error says why. Else, or when
  /// none can be opened, open() fails and leaves nothing open.
  bool is_optional = false;
};

/// What became of a client's messages at one of its destinations.
struct ClientOutputStats {
  std::string url;
  Ledger ledger;
  ConnectionCounts connections;  // of all of its senders; `up` as it was at the end, once closed
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
