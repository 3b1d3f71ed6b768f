#include "metlog/internal/recovery/batch_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/flush/batch_memory.h"

namespace metlog {
namespace {

/// Larger numbers are no versions, but damage.
constexpr std::uint32_t kMaxAbi = 1000;
constexpr std::uint64_t kTextAt = 4096;
/// Version 1: an entry ends before Batch::Entry::notice_count, and has no reasons.
constexpr std::size_t kFirstEntryBytes = 24;

absl::Status wrong(const std::string& name, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(name, " is not a batch: ", what));
}

// relaxed: the process is dead
std::uint64_t value_of(const PlainAtomic<std::uint64_t>& word) {
  return word.load(Order::kRelaxed);
}

void note_damage(BatchImage& batch, const char* field) {
  absl::StrAppend(&batch.damage, batch.damage.empty() ? "" : ", ", field);
}

LossReason reason_in(std::uint8_t number) {
  return static_cast<LossReason>(number % kLossReasonCount);
}

std::size_t read_at(int fd, void* to, std::uint64_t size, std::uint64_t at) {
  const ssize_t read = ::pread(fd, to, size, static_cast<off_t>(at));
  return read < 0 ? 0 : static_cast<std::size_t>(read);
}

/// Makes the messages of a batch from its table, whose entries say where each ends in the text.
class TableReader {
 public:
  TableReader(BatchImage& batch, std::string_view text, std::uint64_t next)
      : batch_(batch), text_(text), next_(next) {}

  /// Takes an entry, unless it makes no sense.
  void take(const Batch::Entry& entry) {
    const bool makes_sense =
        entry.end > begin_ && entry.end <= text_.size() && text_[entry.end - 1] == '\n' &&
        entry.origin <= Batch::Origin::kEngine && entry.result <= Batch::Result::kLost;
    if (!makes_sense) {
      ++batch_.damaged;
      ++unplaced_;
      return;
    }
    if (unplaced_ != 0) place_until(entry.end);
    BatchImage::Message message{.text = text_.substr(begin_, entry.end - 1 - begin_),
                                .record = {entry.record_pos, entry.record_ring},
                                .origin = entry.origin,
                                .is_open = entry.result == Batch::Result::kOpen,
                                .is_lost = entry.result == Batch::Result::kLost,
                                .reason = reason_in(static_cast<std::uint8_t>(entry.reason)),
                                .reported = {}};
    if (entry.notice_reason != 0) {
      message.reported = reason_in(static_cast<std::uint8_t>(entry.notice_reason - 1));
      message.report_count = entry.notice_count;
    }
    add(message);
    begin_ = entry.end;
  }
  /// What is left has no entry after it that makes sense: each line is a message, unless the
  /// number of entries is not known either.
  void finish(bool is_count_known) {
    if (!is_count_known) {
      batch_.damaged -= std::exchange(unplaced_, 0);
      return;
    }
    for (; unplaced_ != 0; --unplaced_) {
      const std::size_t end = text_.find('\n', begin_);
      if (end == std::string_view::npos || end == begin_ || text_[begin_] == '\0') break;
      add_line(text_.substr(begin_, end - begin_));
      begin_ = end + 1;
    }
    batch_.missing += unplaced_;
  }

 private:
  void add(BatchImage::Message message) {
    message.is_open = message.is_open && batch_.messages.size() >= next_;
    batch_.messages.push_back(message);
  }
  /// A message without an entry that makes sense; without a text it is part of the next one.
  void add_line(std::string_view text) {
    add({.text = text,
         .record = {},
         .origin = Batch::Origin::kUser,
         .is_open = !text.empty(),
         .is_lost = false,
         .reason = {},
         .reported = {}});
  }
  /// Messages without an entry are before the one that ends at `end`. A message is a line, but for
  /// formats of several lines: then all of them are taken as one, which is the same text.
  void place_until(std::size_t end) {
    const std::string_view span = text_.substr(begin_, end - begin_);
    const auto lines = static_cast<std::size_t>(std::count(span.begin(), span.end(), '\n'));
    if (lines == unplaced_ + 1) {
      for (; unplaced_ != 0; --unplaced_) {
        const std::size_t line_end = text_.find('\n', begin_);
        add_line(text_.substr(begin_, line_end - begin_));
        begin_ = line_end + 1;
      }
      return;
    }
    for (; unplaced_ != 0; --unplaced_) add_line({});
  }

  BatchImage& batch_;
  const std::string_view text_;
  const std::uint64_t next_;
  std::size_t begin_ = 0;     // of the next message
  std::size_t unplaced_ = 0;  // entries that made no sense since the last that did
};

/// Returns where the table is when the header does not say: the page at which it begins with the
/// end of the first line.
std::uint64_t find_table(int fd, std::uint64_t file_bytes, std::string_view text) {
  const std::size_t first_end = text.find('\n') + 1;
  for (std::uint64_t at = kTextAt; first_end != 0 && at < file_bytes; at += kTextAt) {
    // A file may be of any length where it has no memory.
    const off_t data = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
    if (data < 0) break;
    at = static_cast<std::uint64_t>(data) / kTextAt * kTextAt;
    Batch::Entry entry;
    constexpr std::size_t kBytes = sizeof entry.end;
    if (read_at(fd, &entry.end, kBytes, at) == kBytes && entry.end == first_end) return at;
  }
  return file_bytes;
}

absl::Status check(const BatchHeader& header, const std::string& name) {
  if (value_of(header.magic) == kBatchMagic && header.abi > kBatchAbi && header.abi < kMaxAbi) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, " is of a later version of metlog (", header.abi, "); recover it with that version"));
  }
  return absl::OkStatus();
}

void read_numbers(BatchImage& batch, const BatchHeader& header) {
  const bool is_known = header.abi != 0 && header.abi <= kBatchAbi;
  if (value_of(header.magic) != kBatchMagic || !is_known ||
      header.entry_bytes != (header.abi == 1 ? kFirstEntryBytes : sizeof(Batch::Entry))) {
    note_damage(batch, "magic number or version");
  }
  batch.number = value_of(header.number);
  batch.first_sequence = value_of(header.first_sequence);
  batch.next_sequence = value_of(header.next_sequence);
  const std::uint64_t offset = value_of(header.write_offset);
  if (offset != 0) batch.write_offset = offset - 1;
  batch.write_index = value_of(header.write_index);
  batch.write_file = {value_of(header.write_device), value_of(header.write_inode)};
  batch.totals = header.totals.get();
  batch.replaces_earlier = header.replaces_earlier != 0;
}

/// Returns the bytes of an entry; if one of version and size is damaged, the other says it.
std::size_t entry_bytes(const BatchHeader& header) {
  const bool is_first = header.entry_bytes == kFirstEntryBytes ||
                        (header.abi == 1 && header.entry_bytes != sizeof(Batch::Entry));
  return is_first ? kFirstEntryBytes : sizeof(Batch::Entry);
}

void read_messages(int fd, const BatchHeader& header, const struct stat& status,
                   BatchImage& batch) {
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t allocated =
      std::min(static_cast<std::uint64_t>(status.st_blocks) * 512, file_bytes);
  const bool has_places =
      header.text_at == kTextAt && header.table_at >= kTextAt && header.table_at <= file_bytes;
  if (!has_places) note_damage(batch, "sizes");
  const std::uint64_t text_end = has_places ? header.table_at : file_bytes;
  std::size_t text_bytes = std::min(text_end - std::min(text_end, kTextAt), allocated);
  batch.bytes = std::make_unique_for_overwrite<char[]>(text_bytes);
  text_bytes = read_at(fd, batch.bytes.get(), text_bytes, kTextAt);
  const std::string_view text(batch.bytes.get(), text_bytes);
  const std::uint64_t table_at = has_places ? header.table_at : find_table(fd, file_bytes, text);
  const std::size_t size = entry_bytes(header);
  const std::uint64_t most = std::min(file_bytes - table_at, allocated) / size;
  const std::uint64_t claimed = value_of(header.count);
  const std::uint64_t count = std::min(claimed, most);
  std::uint64_t next = value_of(header.next);
  if (claimed > most) note_damage(batch, "count");
  if (next > count) {
    note_damage(batch, "cursor");
    next = 0;
  }
  std::string table(count * size, '\0');
  table.resize(read_at(fd, table.data(), table.size(), table_at) / size * size);
  batch.messages.reserve(table.size() / size);
  TableReader reader(batch, text, next);
  for (std::size_t at = 0; at < table.size(); at += size) {
    Batch::Entry entry{};
    std::memcpy(static_cast<void*>(&entry), table.data() + at, size);
    reader.take(entry);
  }
  reader.finish(claimed <= most);
}

}  // namespace

absl::StatusOr<BatchImage> BatchImage::read(int fd, const std::string& name, std::uint32_t stream) {
  struct stat status {};
  BatchHeader header;
  const std::size_t header_bytes = read_at(fd, &header, sizeof header, 0);
  if (header_bytes == 0) return absl::NotFoundError(name);
  if (::fstat(fd, &status) != 0 || header_bytes != sizeof header) {
    return wrong(name, "its header is missing");
  }
  // The magic number is stored last, when the file is made.
  if (value_of(header.magic) == 0 && value_of(header.count) == 0) return absl::NotFoundError(name);
  if (absl::Status checked = check(header, name); !checked.ok()) return checked;
  BatchImage batch;
  batch.name = name;
  batch.stream = stream;
  read_numbers(batch, header);
  read_messages(fd, header, status, batch);
  return batch;
}

}  // namespace metlog
