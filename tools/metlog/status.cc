#include "tools/metlog/status.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/pid_file.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"
#include "tools/metlog/http_get.h"

namespace metlog {
namespace {

using simdjson::dom::element;

std::string text_of(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(escape_for_terminal(text))
                                                    : std::string();
}

std::uint64_t count_of(const element& object, std::string_view key) {
  std::uint64_t count = 0;
  return object[key].get(count) == simdjson::SUCCESS ? count : 0;
}

std::vector<element> list_of(const element& object, std::string_view key) {
  simdjson::dom::array list;
  if (object[key].get(list) != simdjson::SUCCESS) return {};
  return {list.begin(), list.end()};
}

/// The time of day of a time stamp, with its day when that is not today's of `now`; both are UTC.
std::string moment(std::string_view time, std::string_view now) {
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kSecond = 19;
  if (time.size() < kSecond) return std::string(time);
  std::string text(time.substr(kDay + 1, kSecond - kDay - 1));
  if (time.substr(0, kDay) != now.substr(0, kDay)) {
    text = fmt::format("{} {}", time.substr(0, kDay), text);
  }
  return text;
}

/// Lines of cells, each column as wide as its widest; the first `right` columns end alike.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t right) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - width_of(row[i]), ' ');
      line += i < right ? " " + pad + row[i] + " " : " " + row[i] + pad + " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string losses_text(const element& status, std::string_view now) {
  std::vector<std::vector<std::string>> rows = {{"count", "where", "why", "since", "last", ""}};
  for (const element& row : list_of(status, "losses")) {
    rows.push_back({grouped(count_of(row, "count")), text_of(row, "where"), text_of(row, "why"),
                    moment(text_of(row, "since"), now), moment(text_of(row, "last"), now),
                    text_of(row, "detail")});
  }
  if (rows.size() == 1) return "nothing was lost or rejected\n";
  return "lost (times are UTC)\n" + table(rows, 1);
}

std::string outputs_text(const element& ledger, std::string_view now) {
  std::vector<std::vector<std::string>> rows = {
      {"written", "waiting", "lost", "output", "last error", ""}};
  for (const element& output : list_of(ledger, "outputs")) {
    const std::string name = text_of(output, "name");
    rows.push_back({grouped(count_of(output, "written")), grouped(count_of(output, "pending")),
                    grouped(count_of(output, "lost")), name.empty() ? text_of(output, "url") : name,
                    text_of(output, "last_error"),
                    moment(text_of(output, "last_error_time"), now)});
  }
  return "outputs\n" + table(rows, 3);
}

std::string status_text(const element& status, std::string_view address) {
  const std::string now = text_of(status, "time");
  element ledger;
  if (status["ledger"].get(ledger) != simdjson::SUCCESS) ledger = status;
  double rate = 0;
  if (status["received_per_second"].get(rate) != simdjson::SUCCESS) rate = 0;
  std::string text = fmt::format(
      "metlogd {} at {}, since {}\nreceived {} ({:.1f}/s)  accepted {}  rejected {}  lost {}\n",
      text_of(status, "version"), address, moment(text_of(status, "started"), now),
      grouped(count_of(ledger, "received")), rate, grouped(count_of(ledger, "accepted")),
      grouped(count_of(ledger, "rejected")), grouped(count_of(ledger, "lost")));
  return text + losses_text(status, now) + outputs_text(ledger, now);
}

}  // namespace

int run_status(const StatusOptions& options) {
  std::string address = options.http;
  if (!options.pid_file.empty()) {
    const absl::StatusOr<pid_t> pid = read_pid_file(options.pid_file);
    if (!pid.ok()) return refuse("--pid-file", pid.status());
    address = read_http_file(options.pid_file);
    if (address.empty()) {
      report(fmt::format("metlogd ({}) shows no state; start it with --http 127.0.0.1:5570", *pid));
      return kExitUsage;
    }
  }
  const auto limit =
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(options.wait_s));
  const absl::StatusOr<HttpPage> page = http_get(address, "/status.json", limit);
  if (!page.ok()) {
    report(std::string(page.status().message()));
    return kExitUsage;
  }
  simdjson::dom::parser parser;
  element status;
  if (page->status != 200 || parser.parse(page->body).get(status) != simdjson::SUCCESS) {
    report(fmt::format("{}: HTTP {}: {}", address, page->status,
                       escape_for_terminal(page->body.substr(0, 200))));
    return kExitLost;
  }
  if (const int code = print(options.is_json ? page->body : status_text(status, address));
      code != kExitDone) {
    return code;
  }
  if (text_of(status, "state") != "running") {
    report("the router does not answer; these figures are older");
    return kExitLost;
  }
  return list_of(status, "losses").empty() ? kExitDone : kExitLost;
}

}  // namespace metlog
