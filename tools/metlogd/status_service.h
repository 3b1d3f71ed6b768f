#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/config/router_plan.h"
#include "tools/router/router.h"
#include "tools/router/web/http_server.h"
#include "tools/router/web/router_status.h"
#include "tools/router/web/status_site.h"

namespace metlog {

/// The HTTP server of a metlogd, `http` in [metlogd], and what it shows; nothing without that key.
/// Used by the router's thread; the server has threads of its own, which only read what this one
/// has published.
class StatusService {
 public:
  /// Binds the address. Errors as HttpServer::open().
  static absl::StatusOr<std::unique_ptr<StatusService>> open(const RouterPlan::Process& process);
  ~StatusService() { stop(); }
  StatusService(const StatusService&) = delete;
  StatusService& operator=(const StatusService&) = delete;

  /// Begins to answer. kResourceExhausted if the system refuses a thread.
  absl::Status start();
  /// Looks at the router when it is time, and when somebody has asked.
  void tick(StatusBoard::Clock::time_point now, Router& router);
  void stop();
  /// The bound address, http://HOST:PORT; empty for none.
  [[nodiscard]] std::string_view url() const;

 private:
  explicit StatusService(bool allow_remote);

  StatusBoard board_;
  StatusKeeper keeper_;
  const StatusSite site_;
  std::unique_ptr<HttpServer> server_;  // null for none
};

}  // namespace metlog
