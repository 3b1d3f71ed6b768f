// What docs/context.md shows. Prints its messages to standard output.

#include <metlog/context.h>
#include <metlog/metlog.h>
#include <metlog/trace_context.h>

#include <string>
#include <string_view>

namespace {

void charge(metlog::Client& log) { METLOG_INFO(log, "charged"); }

void handle(metlog::Client& log, std::string_view id, std::string_view tenant) {
  metlog::ScopedContext request({{"request_id", id}, {"tenant", tenant}});
  METLOG_INFO(log, "begin");  // request_id=4711 tenant=shop
  {
    metlog::ScopedContext step({{"step", "payment"}});
    charge(log);  // request_id=4711 tenant=shop step=payment
  }
  METLOG_INFO(log, "end", metlog::kv("tenant", "own"));  // tenant=own request_id=4711
}

std::string call_upstream(std::string_view header) { return std::string(header); }

void serve(metlog::Client& log, std::string_view header) {
  auto caller = metlog::parse_traceparent(header);
  metlog::ScopedTrace trace(caller.ok() ? metlog::child_of(*caller) : metlog::start_trace());
  METLOG_INFO(log, "received");  // trace_id=4bf92f35.. span_id=..
  call_upstream(metlog::traceparent(metlog::child_of(*metlog::current_trace())));
}

}  // namespace

int main() {
  metlog::Client log = metlog::open_or_exit("stdout:?format=text", {.logger = "shop"});
  handle(log, "4711", "shop");
  serve(log, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}
