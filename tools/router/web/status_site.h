#pragma once

#include <functional>
#include <string>

#include "tools/router/web/http_server.h"
#include "tools/router/web/router_status.h"

namespace metlog {

/// What metlogd shows over HTTP:
///
///   /health         200 {"status":"ok"}, or 503 with what fails
///   /metrics        metlogd's own counts for Prometheus
///   /metrics/NAME   the sums of an output of type prometheus
///   /status.json    the ledger, with losses and their times
///   /history.json   the last hour; ?after=N for the points from number N on
///   /               a page that draws these
///
/// Any thread, several at once.
class StatusSite {
 public:
  struct Options {
    std::string version;
    /// Only requests to a number, or to localhost, are answered: a page of another site that makes
    /// its name mean this machine reads nothing then. For a server on loopback.
    bool checks_host = true;
    /// How long a request may wait for the router.
    std::chrono::milliseconds limit{2000};
  };

  /// `board` outlives it.
  StatusSite(StatusBoard& board, Options options) : board_(board), options_(std::move(options)) {}

  [[nodiscard]] HttpResponse answer(const HttpRequest& request) const;

 private:
  [[nodiscard]] HttpResponse answer_by_status(const HttpRequest& request) const;

  StatusBoard& board_;
  const Options options_;
};

}  // namespace metlog
