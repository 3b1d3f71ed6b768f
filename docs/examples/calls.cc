// What docs/calls.md shows. Prints its messages to standard output.

#include <metlog/backtrace.h>
#include <metlog/decorators.h>
#include <metlog/exception_text.h>
#include <metlog/metlog.h>
#include <metlog/percent.h>
#include <metlog/secret.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

void work(metlog::Client& log, int size) {
  METLOG_EVERY_N(1000, METLOG_WARN, log, "queue holds {}", size);  // suppressed=999
  METLOG_EVERY_SECONDS(5, METLOG_ERROR, log, "cannot reach {}", "db1");
  METLOG_FIRST_N(10, METLOG_EVENT, log, "slow", metlog::kv("size", size));
  METLOG_ONCE(METLOG_INFO, log, "began");
  METLOG_IF(size > 100, METLOG_EVERY_N, 10, METLOG_INCR, log, "queue.full");
}

void import(metlog::Client& log, int rows) {
  metlog::Backtrace trail(log, 32);
  for (int row = 0; row < rows; ++row) {
    METLOG_DEBUG(trail, "row {} of {}", row, rows);
    if (row == 3) throw std::runtime_error("bad row");  // now the rows before are sent
  }
}

void login(metlog::Client& log, const std::string& user, const std::string& password) {
  const metlog::secret hidden(password);
  const metlog::secret<std::string, metlog::SecretForm::kHashed> name(user);
  METLOG_INFO(log, "{} logs in with {}", name, hidden);  // 1b2f..e0 logs in with ***
}

void save(metlog::Client& log, int id) {
  try {
    try {
      throw std::out_of_range("page 7");
    } catch (const std::exception&) {
      std::throw_with_nested(std::runtime_error("cannot write"));
    }
  } catch (const std::exception& error) {
    log.error("cannot save", error);
    METLOG_ERROR(log, "cannot save {}\n{}", id, metlog::exception_text(error));
  }
}

void carried_over(metlog::Client& log) {
  absl::Status status = log.info(metlog::percent("%s of %d", "one", 5));
  status.Update(log.warn(metlog::percent("%(of)05d", {{"of", 5}})));
  status.Update(log.info(metlog::percent("%d", "text")));
  std::printf("%s\n", std::string(status.message()).c_str());
}

void order(metlog::Client& log) {
  const metlog::ValueMap cart = {{"items", metlog::ValueList{1, 2.5, "x"}}};
  log.metlog("order", {.fields = {{"cart", cart}}}, "paid");  // "cart":{"items":[1,2.5,"x"]}
}

int add(int a, int b) { return a + b; }

void measure(metlog::Client& log) {
  static const auto timed_add = METLOG_TIMEIT(add, {.client = &log});
  const auto counted_add = metlog::incr_count(timed_add, {.client = &log});
  std::printf("%d\n", counted_add(1, 2));  // timer "calls.add", counter "calls.add"
}

}  // namespace

int main() {
  metlog::Client log = metlog::open_or_exit("stdout:?format=text", {.logger = "shop"});
  for (int i = 0; i < 1001; ++i) work(log, i);
  try {
    import(log, 10);
  } catch (const std::exception& error) {
    log.error("import failed", error);
  }
  login(log, "ada", "swordfish");
  order(log);
  save(log, 4711);
  carried_over(log);
  measure(log);
}
