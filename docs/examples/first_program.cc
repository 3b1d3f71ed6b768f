#include <metlog/metlog.h>

int main() {
  metlog::Client log = metlog::open_or_exit("udp://127.0.0.1:5565", {.logger = "shop"});
  METLOG_INFO(log, "order {} for {} items", 4711, 3);
  METLOG_WARN(log, "slow query", metlog::kv("table", "orders"), metlog::kv("ms", 41.5));
  METLOG_INCR(log, "orders");
  { METLOG_TIMER(log, "db.query"); }
  METLOG_EVENT(log, "services", metlog::payload("foo"), metlog::kv("userid", 25));
}
