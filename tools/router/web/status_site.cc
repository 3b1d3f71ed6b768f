#include "tools/router/web/status_site.h"

#include <arpa/inet.h>

#include <charconv>
#include <string_view>

#include "tools/page/page.h"
#include "tools/router/prometheus/exposition.h"
#include "tools/router/web/router_metrics.h"
#include "tools/router/web/status_json.h"

namespace metlog {

// The files beside this one; CMake makes sources of them.
extern const std::string_view kLiveScript;
extern const std::string_view kLiveStyle;

namespace {

/// The page that shows a running router. It asks only the server it came from.
const std::string& live_page() {
  static const std::string& page = *new std::string(
      to_html({.title = "metlogd",
               .script = kLiveScript,
               .json = "null",
               .plain_text = "This page is drawn by a script. /status.json has the same as JSON.",
               .style = kLiveStyle,
               .asks_its_server = true}));
  return page;
}

constexpr const char* kJson = "application/json";
constexpr std::string_view kMetricsOf = "/metrics/";  // and the name of an output

/// True for localhost and for an address in digits: no name server can make another site's page
/// mean this machine by them.
bool is_safe_host(std::string_view host) {
  if (host.empty()) return true;  // no browser
  if (host.front() == '[') {
    const std::size_t end = host.find(']');
    in6_addr address{};
    return end != std::string_view::npos &&
           inet_pton(AF_INET6, std::string(host.substr(1, end - 1)).c_str(), &address) == 1;
  }
  host = host.substr(0, host.rfind(':'));
  in_addr address{};
  return host == "localhost" || inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

}  // namespace

HttpResponse StatusSite::answer(const HttpRequest& request) const {
  if (options_.checks_host && !is_safe_host(request.host)) {
    return {403, HttpResponse().content_type,
            "ask for this machine by its number, as http://127.0.0.1, or as localhost\n"};
  }
  if (request.path == "/") return {200, "text/html; charset=utf-8", live_page()};
  for (const std::string_view path : {"/health", "/metrics", "/status.json", "/history.json"}) {
    if (request.path == path) return answer_by_status(request);
  }
  if (request.path.starts_with(kMetricsOf)) return answer_by_status(request);
  return {404, HttpResponse().content_type,
          "there are /health, /metrics, /status.json and /history.json\n"};
}

HttpResponse StatusSite::answer_by_status(const HttpRequest& request) const {
  const StatusBoard::View view = board_.look(options_.limit);
  if (request.path == "/health") {
    Health health = health_of(view);
    return {health.is_ok ? 200 : 503, kJson, std::move(health.json)};
  }
  if (view.status == nullptr) {
    return {503, HttpResponse().content_type, "the router does not answer\n"};
  }
  if (request.path == "/status.json") return {200, kJson, status_json(view, options_.version)};
  if (request.path == "/history.json") {
    const std::string text = request.parameter("after");
    std::uint64_t after = 0;
    std::from_chars(text.data(), text.data() + text.size(), after);
    return {200, kJson, history_json(*view.status, after)};
  }
  // Old figures would look as if nothing happened.
  if (!view.is_current) {
    return {503, HttpResponse().content_type, "the router does not answer\n"};
  }
  const std::string content_type(Exposition::kContentType);
  if (request.path.starts_with(kMetricsOf)) {
    const std::string_view name = std::string_view(request.path).substr(kMetricsOf.size());
    for (const NamedMetrics& metrics : view.status->metrics) {
      if (metrics.output == name) return {200, content_type, metrics.source->exposition()};
    }
    return {404, HttpResponse().content_type, "no output of type prometheus has this name\n"};
  }
  return {200, content_type, router_metrics(*view.status, options_.version)};
}

}  // namespace metlog
