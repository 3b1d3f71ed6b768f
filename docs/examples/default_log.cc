// Calls that name no client: what a small program begins with.

#include <metlog/metlog.h>

#include <cstdio>

int main() {
  // Standard error, as text, until the program says otherwise.
  MLOG_INFO("listens on port {}", 8080);
  MLOG_WARN("slow query", metlog::kv("ms", 41.5));
  metlog::default_log().flush(std::chrono::seconds(2));

  // Then all that is linked in goes where the program wants it. The client outlives the calls.
  static metlog::Client log =
      metlog::open_or_exit("stdout:?format=pattern&pattern=%25l%20%25v", {.logger = "shop"});
  metlog::set_default_log(log);
  MLOG_ERROR("cannot reach {}", "db1");
  { MLOG_TIMER("db.query"); }
  METLOG_EVERY_N(1000, METLOG_INFO, metlog::default_log(), "queue holds {}", 7);
  log.close(std::chrono::seconds(2));
}
