#include "tools/metlogd/status_service.h"

#include <utility>

namespace metlog {

StatusService::StatusService(bool allow_remote)
    : keeper_(board_), site_(board_, {.version = METLOG_VERSION, .checks_host = !allow_remote}) {}

absl::StatusOr<std::unique_ptr<StatusService>> StatusService::open(
    const RouterPlan::Process& process) {
  std::unique_ptr<StatusService> service(new StatusService(process.allow_remote));
  if (process.http.empty()) return service;
  HttpServer::Options options;
  options.address = process.http;
  options.reach = process.allow_remote ? Reach::kAnywhere : Reach::kLoopbackOnly;
  auto server = HttpServer::open(std::move(options));
  if (!server.ok()) return server.status();
  service->server_ = *std::move(server);
  return service;
}

absl::Status StatusService::start() {
  if (server_ == nullptr) return absl::OkStatus();
  return server_->start([this](const HttpRequest& request) { return site_.answer(request); });
}

void StatusService::tick(StatusBoard::Clock::time_point now, Router& router) {
  if (server_ != nullptr) keeper_.tick(now, router);
}

void StatusService::stop() {
  board_.end();
  if (server_ != nullptr) server_->stop();
}

std::string_view StatusService::url() const {
  return server_ == nullptr ? std::string_view() : server_->url();
}

}  // namespace metlog
