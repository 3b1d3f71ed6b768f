#include "tools/router/plain_arrivals.h"

#include <absl/container/flat_hash_map.h>

#include <list>
#include <string>
#include <utility>

#include "tools/router/stats_report.h"

namespace metlog {
namespace {

/// Refers to the name in the process that it is for, or to that of a message.
struct Key {
  std::string_view hostname;
  std::int64_t pid;

  friend bool operator==(const Key&, const Key&) = default;

  template <class H>
  friend H AbslHashValue(H hash, const Key& key) {
    return H::combine(std::move(hash), key.hostname, key.pid);
  }
};

struct Process {
  std::string hostname;
  std::int64_t pid;
  PlainArrivals::Count count;

  [[nodiscard]] Key key() const { return {hostname, pid}; }
};

}  // namespace

struct PlainArrivals::Processes {
  std::list<Process> by_age;  // the one with the latest message first
  absl::flat_hash_map<Key, std::list<Process>::iterator> by_key;
  bool has_forgotten = false;
};

PlainArrivals::PlainArrivals() : processes_(std::make_unique<Processes>()) {}
PlainArrivals::~PlainArrivals() = default;

void PlainArrivals::count(std::string_view hostname, std::int64_t pid) {
  std::list<Process>& by_age = processes_->by_age;
  const Key key{hostname.substr(0, StatsReport::kMaxHostnameBytes), pid};
  if (!by_age.empty() && by_age.front().key() == key) {
    ++by_age.front().count.messages;
    return;
  }
  const auto found = processes_->by_key.find(key);
  if (found != processes_->by_key.end()) {
    by_age.splice(by_age.begin(), by_age, found->second);
    ++by_age.front().count.messages;
    return;
  }
  if (by_age.size() == kMaxProcesses) {
    processes_->has_forgotten = true;
    processes_->by_key.erase(by_age.back().key());
    by_age.pop_back();
  }
  by_age.push_front({std::string(key.hostname), pid, {1, !processes_->has_forgotten}});
  processes_->by_key.emplace(by_age.front().key(), by_age.begin());
}

PlainArrivals::Count PlainArrivals::of(std::string_view hostname, std::int64_t pid) const {
  const auto found =
      processes_->by_key.find({hostname.substr(0, StatsReport::kMaxHostnameBytes), pid});
  if (found != processes_->by_key.end()) return found->second->count;
  return {0, !processes_->has_forgotten};
}

}  // namespace metlog
