#include "metlog/internal/flush/batch_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "metlog/internal/base/diagnostic.h"

namespace metlog {
namespace {

// A client that logs little keeps some pages; one that logs much waits for memory seldom.
constexpr std::size_t kTextPart = 64 * 1024;
constexpr std::size_t kTablePart = 16 * 1024;
constexpr std::size_t kFirstText = 16 * 1024;

std::size_t whole_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(getpagesize());
  return (bytes + page - 1) / page * page;
}

void say_anonymous(const char* reason) {
  static constinit DiagnosticLimit limit;
  diagnose_seldom(limit,
                  "a batch is in anonymous memory, so what it holds is lost if the process is "
                  "killed: %s",
                  reason);
}

}  // namespace

static_assert(offsetof(BatchHeader, text_at) == 40 && offsetof(BatchHeader, number) == 56);
static_assert(offsetof(BatchHeader, cursor) == 88);
static_assert(sizeof(Batch::Entry) == 32 && offsetof(Batch::Entry, origin) == 20);
static_assert(offsetof(BatchHeader, totals) == 128);
static_assert(offsetof(BatchHeader, write_device) == 552);

BatchMemory::BatchMemory(const StreamId& stream, const BatchPlace& place, std::size_t text_bytes,
                         std::size_t entries)
    : stream_(stream),
      place_(place),
      owner_pid_(getpid()),
      reserved_{whole_pages(text_bytes), entries * sizeof(Batch::Entry)},
      replaces_earlier_(place.replaced != nullptr) {
  if (!replaces_earlier_) return;
  totals_.add(*place.replaced);
  place_.replaced = nullptr;
}

BatchMemory::~BatchMemory() {
  if (is_file() && !place_.is_kept && getpid() == owner_pid_)
    unlinkat(place_.directory_fd, file_name().c_str(), 0);
}

std::string BatchMemory::file_name() const {
  char name[64];
  std::snprintf(name, sizeof name, "s%03u.%03u.%u.batch", stream_.number, place_.index,
                generation_);
  return name;
}

bool BatchMemory::make_room(std::size_t text_bytes, std::size_t entries, std::size_t used) {
  const Sizes wanted{text_bytes, entries * sizeof(Batch::Entry)};
  const bool is_new = !memory_.is_valid();
  if (wanted.text > reserved_.text || wanted.table > reserved_.table) {
    const Sizes larger{whole_pages(wanted.text + wanted.text / 2), wanted.table + wanted.table / 2};
    const Sizes reserved{std::max(reserved_.text, larger.text),
                         std::max(reserved_.table, larger.table)};
    if (!is_new) {
      return (move(reserved, used, memory_.is_file()) && extend(wanted)) ||
             (move(reserved, used, false) && extend(wanted));
    }
    reserved_ = reserved;
  }
  if (is_new && !move(reserved_, 0, place_.directory_fd >= 0)) return false;
  return extend(wanted) || (move(reserved_, used, false) && extend(wanted));
}

/// False when a file system has no more memory; then the batch must move.
bool BatchMemory::extend(const Sizes& wanted) {
  const auto grow = [&](std::size_t Sizes::*part, std::size_t from, std::size_t step) {
    if (wanted.*part <= ready_.*part) return true;
    const std::size_t ready =
        std::min(reserved_.*part, std::max(wanted.*part, ready_.*part + step));
    const int error = memory_.populate(from + ready_.*part, from + ready);
    if (error != 0) say_anonymous(std::strerror(error));
    if (error == 0) ready_.*part = ready;
    return error == 0;
  };
  return grow(&Sizes::text, kHeaderBytes, kTextPart) &&
         grow(&Sizes::table, kHeaderBytes + reserved_.text, kTablePart);
}

/// Maps a file of this generation, or anonymous memory. `ready` is what must have memory.
MappedMemory BatchMemory::map(const Sizes& sizes, const Sizes& ready, bool may_be_file) const {
  const std::string name = file_name();
  const std::size_t bytes = kHeaderBytes + sizes.text + sizes.table;
  MappedMemory made({may_be_file ? place_.directory_fd : -1, name.c_str()}, bytes,
                    kHeaderBytes + ready.text);
  if (made.error() != 0) say_anonymous(std::strerror(made.error()));
  if (!made.is_file()) return made;
  const std::size_t table_at = kHeaderBytes + sizes.text;
  const int error = made.populate(table_at, table_at + ready.table);
  if (error == 0) return made;
  say_anonymous(std::strerror(error));
  unlinkat(place_.directory_fd, name.c_str(), 0);
  return {{}, bytes, 0};
}

bool BatchMemory::forget_if_refused() {
  using std::chrono::steady_clock;
  if (place_.directory_fd < 0 || !memory_.is_valid() || memory_.is_file()) return false;
  if (steady_clock::now() - refused_ < std::chrono::seconds(1)) return false;
  memory_ = MappedMemory();
  ready_ = {};
  ++generation_;
  return true;
}

/// Moves what is in use into new memory with these sizes.
bool BatchMemory::move(const Sizes& sizes, std::size_t used, bool may_be_file) {
  const bool is_first = !memory_.is_valid();
  const std::string old_name = file_name();
  if (!is_first) ++generation_;
  // relaxed: of this thread
  const std::uint64_t count = is_first ? 0 : header().count.load(Order::kRelaxed);
  const Sizes in_use{std::max(used, std::min(sizes.text, kFirstText)),
                     count * sizeof(Batch::Entry)};
  MappedMemory next = map(sizes, in_use, may_be_file);
  if (!next.is_valid()) {
    if (!is_first) --generation_;
    return false;
  }
  if (!is_first) {
    BatchHeader copied = header();
    copied.magic.store(0, Order::kRelaxed);  // until describe()
    copied.count.store(0, Order::kRelaxed);  // until the messages are there
    std::memcpy(next.base(), &copied, sizeof copied);
    std::memcpy(next.base() + kHeaderBytes, text(), used);
    std::memcpy(next.base() + kHeaderBytes + sizes.text, table(), in_use.table);
  }
  reserved_ = sizes;
  ready_ = next.is_file() && !next.is_whole() ? in_use : sizes;
  std::swap(memory_, next);
  if (!memory_.is_file()) refused_ = std::chrono::steady_clock::now();
  describe();
  // release: pairs with a process that reads the file after our death
  header().count.store(count, Order::kRelease);
  // Both hold the same messages for a moment, with the same numbers.
  if (next.is_file()) unlinkat(place_.directory_fd, old_name.c_str(), 0);
  return true;
}

void BatchMemory::add_to_totals(const SentTotals& batch) {
  totals_.add(batch);
  totals_.number = batch.number;
  if (memory_.is_valid()) header().totals.set(totals_);
}

void BatchMemory::describe() {
  BatchHeader& batch = header();
  batch.abi = kBatchAbi;
  batch.header_bytes = sizeof(BatchHeader);
  std::memcpy(batch.session, stream_.session.data(), sizeof batch.session);
  batch.stream = stream_.number;
  batch.entry_bytes = sizeof(Batch::Entry);
  batch.text_at = kHeaderBytes;
  batch.table_at = kHeaderBytes + reserved_.text;
  batch.totals.set(totals_);
  batch.replaces_earlier = replaces_earlier_ ? 1 : 0;
  // Last, so that a process that dies here leaves no file that seems to hold something.
  // release: pairs with that process
  batch.magic.store(kBatchMagic, Order::kRelease);
}

}  // namespace metlog
