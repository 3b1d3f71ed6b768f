#include <metlog/metlog.h>

#include <chrono>

int main() {
  metlog::Client log = metlog::open_or_exit("null:", {.logger = "consumer"});
  METLOG_INFO(log, "{} of {}", "built outside", 1);
  const metlog::Receipt receipt = log.close(std::chrono::seconds(10));
  return receipt.sent == 1 && receipt.lost == 0 ? 0 : 1;
}
