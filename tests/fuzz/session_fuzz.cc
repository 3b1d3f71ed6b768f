// Recovers sessions of arbitrary bytes, as processes that died may have left them. Whatever they
// hold, the recovery ends within a second, takes 4 times their bytes at most, and delivers whole
// lines of printable text. It never goes to a destination that a session names.
//
// An input is a row of parts, each a byte that says what it is, two bytes of length, and contents:
// most of a file's fields are set to what makes sense first, so that the fuzzer gets behind them.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/crc32c.h"
#include "metlog/internal/flush/batch_memory.h"
#include "metlog/internal/recovery/recovery.h"
#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/session/session.h"
#include "tests/fuzz/fuzz_cost.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kExtraBytes = std::size_t{1} << 20;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// A directory of sessions with one session in it.
class FuzzedSession {
 public:
  FuzzedSession() {
    char name[] = "/dev/shm/metlog-fuzz.XXXXXX";
    require(::mkdtemp(name) != nullptr, "no directory");
    parent_ = name;
    session_ = parent_ + "/program.4242.0123456789abcdef";
    ::mkdir(session_.c_str(), 0700);
    header_.resize(4096);
    SessionHeader header{};
    header.magic = kSessionMagic;
    header.abi = kSessionAbi;
    header.header_bytes = sizeof header;
    header.pid = 4242;
    header.clock_base_ns.store(1'600'000'000'000'000'000, Order::kRelaxed);
    header.clock_ns_per_tick.store(std::uint64_t{1} << 31, Order::kRelaxed);
    std::memcpy(header_.data(), &header, sizeof header);
  }
  ~FuzzedSession() { fs::remove_all(parent_); }
  FuzzedSession(const FuzzedSession&) = delete;
  FuzzedSession& operator=(const FuzzedSession&) = delete;

  void add(unsigned char kind, std::string_view bytes) {
    switch (kind % 8) {
      case 0:  // over the session's header, from an offset on
        return put_over(header_, bytes);
      case 1:
        return append_entry(dict_, bytes);
      case 2:
        dict_ += bytes;
        return;
      case 3:
        return append_entry(clients_, bytes);
      case 4:
        clients_ += bytes;
        return;
      case 5:
        return add_ring(bytes, kind % 16 == 5);
      case 6:
        return add_batch(bytes);
      default:
        if (kind % 16 == 7) return add_site(bytes);
        return add_client(bytes);
    }
  }
  /// Writes what is not written yet; returns the bytes of all files.
  std::size_t finish() {
    write("session", header_);
    write("dict", dict_);
    write("clients", clients_);
    return bytes_;
  }
  [[nodiscard]] const std::string& parent() const { return parent_; }
  [[nodiscard]] std::string out() const { return parent_ + "/.out"; }

 private:
  static void put_over(std::string& bytes, std::string_view part) {
    if (part.size() < 2) return;
    std::uint16_t at = 0;
    std::memcpy(&at, part.data(), sizeof at);
    part.remove_prefix(sizeof at);
    const std::size_t begin = at % bytes.size();
    part.copy(bytes.data() + begin, bytes.size() - begin);
  }
  static void append_entry(std::string& table, std::string_view contents) {
    const auto size = static_cast<std::uint32_t>(contents.size());
    const std::uint32_t crc =
        crc32c(reinterpret_cast<const unsigned char*>(contents.data()), contents.size());
    table.append(reinterpret_cast<const char*>(&size), sizeof size);
    table.append(reinterpret_cast<const char*>(&crc), sizeof crc);
    table += contents;
  }
  /// A call site that makes sense at first sight.
  void add_site(std::string_view bytes) {
    constexpr std::string_view kRoles = "aaaakkpvnerlytNFfT";
    constexpr std::string_view kTypes[] = {"s",  "i",   "m",    "d",     "b",        "c",   "[s",
                                           "{s", "{si", "(is)", "|zis)", "Dn",       "Um~", "os",
                                           "T",  "t",   "[[()", "W",     "[(((()))", "q",   "C"};
    RegisteredSite site{};
    site.id = kFirstSiteId + sites_++ % 8;
    site.kind = static_cast<SiteKind>(take(bytes) % 5);
    site.severity = static_cast<Severity>(take(bytes) % 8);
    for (unsigned char args = take(bytes) % 12; args > 0; --args) {
      const auto role = static_cast<ArgRole>(kRoles[take(bytes) % kRoles.size()]);
      const unsigned char type = take(bytes);
      const auto key_bytes = static_cast<std::uint8_t>(role == ArgRole::kField ? type / 21 : 0);
      site.args.push_back({role, key_bytes, std::string(kTypes[type % std::size(kTypes)])});
      if (type == 255) site.args.back().type = bytes.substr(0, take(bytes));
    }
    site.text = bytes;
    dict_ += encode_entry(site);
  }
  void add_client(std::string_view bytes) {
    SessionClient client;
    client.slot = take(bytes) % 4;
    client.format = take(bytes) % 5;
    client.timer_resolution = take(bytes);
    client.severity = static_cast<std::int8_t>(take(bytes));
    for (unsigned char streams = take(bytes) % 4; streams > 0; --streams) {
      client.streams.push_back(take(bytes) % 4);
    }
    client.logger = bytes;
    client.url = "file:/nonexistent/never";
    clients_ += encode_entry(client);
  }
  static unsigned char take(std::string_view& bytes) {
    if (bytes.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    return byte;
  }
  /// The head of a record of such a site and client.
  static void tag(std::string& cells) {
    for (std::size_t at = 0; at < cells.size();) {
      const auto seed = static_cast<unsigned char>(cells[at]);
      const unsigned count = seed % 8 == 7 ? 1 + static_cast<unsigned char>(cells[at + 1]) : 1;
      const auto site = static_cast<unsigned char>(cells[at + 2]) % 16U;
      const std::uint64_t head =
          1 | pack_header(count, static_cast<unsigned char>(cells[at + 3]) % 4,
                          site < 8 ? kFirstSiteId + site : site - 8);
      std::memcpy(cells.data() + at, &head, sizeof head);
      at += kCellBytes;
      for (unsigned i = 1; i < count && at < cells.size(); ++i, at += kCellBytes) {
        const std::uint64_t next = 1;
        std::memcpy(cells.data() + at, &next, sizeof next);
      }
    }
  }
  /// The first bytes go over the header; what follows are cells, with heads that make sense if
  /// `has_tags`.
  void add_ring(std::string_view bytes, bool has_tags) {
    RingHeader header{};
    header.magic = kRingMagic;
    header.abi = kRingAbi;
    header.header_bytes = kRingHeaderBytes;
    header.cell_bytes = kCellBytes;
    header.index = rings_;
    std::string cells(bytes.substr(std::min<std::size_t>(bytes.size(), 8)));
    cells.resize(cells.size() + (kCellBytes - cells.size() % kCellBytes) % kCellBytes);
    header.cells_log2 = 1;
    while ((kCellBytes << header.cells_log2) < cells.size()) ++header.cells_log2;
    header.file_cells.store(std::uint64_t{1} << header.cells_log2, Order::kRelaxed);
    if (has_tags) tag(cells);
    std::string file(kRingHeaderBytes, '\0');
    std::memcpy(file.data(), &header, sizeof header);
    put_over(file, bytes.substr(0, std::min<std::size_t>(bytes.size(), 8)));
    char name[32];
    std::snprintf(name, sizeof name, "r%03u.ring", rings_++ % 1000);
    write(name, file + cells);
  }
  /// The first bytes go over the header; then a byte says how much is text; the table follows.
  void add_batch(std::string_view bytes) {
    if (bytes.size() < 11) return;
    const std::size_t text_bytes =
        std::min<std::size_t>(static_cast<unsigned char>(bytes[10]) * 16, bytes.size() - 11);
    std::string file(4096, '\0');
    auto* const header = new (file.data()) BatchHeader{};
    header->magic.store(kBatchMagic, Order::kRelaxed);
    header->abi = kBatchAbi;
    header->header_bytes = sizeof(BatchHeader);
    header->entry_bytes = sizeof(Batch::Entry);
    header->stream = batches_ % 3;
    header->text_at = 4096;
    header->table_at = 4096 + text_bytes;
    const std::size_t entries = (bytes.size() - 11 - text_bytes) / sizeof(Batch::Entry);
    header->count.store(entries, Order::kRelaxed);
    put_over(file, bytes.substr(0, 10));
    char name[64];
    std::snprintf(name, sizeof name, "s%03u.%03u.0.batch", batches_ % 3, batches_ % 1000);
    ++batches_;
    write(name, file.append(bytes.substr(11)));
  }
  void write(const std::string& name, std::string_view bytes) {
    const int fd = ::open((session_ + "/" + name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    require(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "full");
    ::close(fd);
    bytes_ += bytes.size();
  }

  std::string parent_;
  std::string session_;
  std::string header_;
  std::string dict_;
  std::string clients_;
  unsigned sites_ = 0;
  unsigned rings_ = 0;
  unsigned batches_ = 0;
  std::size_t bytes_ = 0;
};

void recover(const FuzzedSession& session, std::size_t bytes) {
  const FuzzCost cost(bytes, kExtraBytes);
  Recovery::Options options;
  options.to = "null:";
  const auto recovery = Recovery::open(session.parent(), options);
  require(recovery.ok(), "not opened");
  for (int i = 0; i < 2; ++i) {
    for (const RecoveryReport& report : (*recovery)->recover_all()) {
      require(report.left == 0, "something is left");
      require(report.is_removed || !report.complaints.empty() || report.undecodable != 0,
              "it stays without a reason");
    }
  }
}

void check(std::string_view input) {
  FuzzedSession session;
  while (input.size() > 3) {
    std::uint16_t size = 0;
    std::memcpy(&size, input.data() + 1, sizeof size);
    const auto kind = static_cast<unsigned char>(input[0]);
    input.remove_prefix(3);
    session.add(kind, input.substr(0, std::min<std::size_t>(size, input.size())));
    input.remove_prefix(std::min<std::size_t>(size, input.size()));
  }
  const std::size_t bytes = session.finish();
  recover(session, bytes);
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
