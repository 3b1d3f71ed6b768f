#include "metlog/internal/recovery/batch_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "metlog/internal/flush/batch_memory.h"

namespace metlog {
namespace {

absl::Status wrong(const std::string& name, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(name, " is not a batch: ", what));
}

/// Bytes of the file from `at` on; fewer where it ends.
std::string bytes_of(int fd, std::uint64_t at, std::uint64_t size) {
  std::string bytes(size, '\0');
  const ssize_t read = ::pread(fd, bytes.data(), size, static_cast<off_t>(at));
  bytes.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
  return bytes;
}

}  // namespace

absl::StatusOr<BatchImage> BatchImage::read(int fd, const std::string& name) {
  struct stat status {};
  BatchHeader header;
  const ssize_t header_bytes = ::pread(fd, &header, sizeof header, 0);
  // relaxed, all: the process is dead. The magic number is stored last, when the file is made.
  if (header_bytes == 0 ||
      (header_bytes == sizeof header && header.magic.load(Order::kRelaxed) == 0)) {
    return absl::NotFoundError(name);
  }
  if (::fstat(fd, &status) != 0 || header_bytes != sizeof header) {
    return wrong(name, "its header is missing");
  }
  if (header.magic.load(Order::kRelaxed) != kBatchMagic) {
    return wrong(name, "it has another magic number");
  }
  if (header.abi != kBatchAbi || header.entry_bytes != sizeof(Batch::Entry)) {
    return wrong(name, "it is of another version of metlog; recover it with that version");
  }
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
  if (header.text_at > header.table_at || header.table_at > file_bytes) {
    return wrong(name, "its sizes are impossible");
  }
  BatchImage batch;
  batch.name = name;
  batch.stream = header.stream;
  batch.number = header.number.load(Order::kRelaxed);
  batch.first_sequence = header.first_sequence.load(Order::kRelaxed);
  batch.next_sequence = header.next_sequence.load(Order::kRelaxed);
  const std::uint64_t offset = header.write_offset.load(Order::kRelaxed);
  if (offset != 0) batch.write_offset = offset - 1;
  batch.write_index = header.write_index.load(Order::kRelaxed);
  const std::uint64_t next = header.next.load(Order::kRelaxed);
  const std::uint64_t claimed = header.count.load(Order::kRelaxed);
  const std::uint64_t allocated = static_cast<std::uint64_t>(status.st_blocks) * 512;
  const std::uint64_t most =
      std::min(file_bytes - header.table_at, allocated) / sizeof(Batch::Entry);
  const std::uint64_t count = std::min(claimed, most);
  const std::string table = bytes_of(fd, header.table_at, count * sizeof(Batch::Entry));
  const std::string text =
      bytes_of(fd, header.text_at, std::min(header.table_at - header.text_at, allocated));
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < table.size() / sizeof(Batch::Entry); ++i) {
    Batch::Entry entry;
    std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
    if (entry.end <= begin || entry.end > text.size() || text[entry.end - 1] != '\n' ||
        entry.origin > Batch::Origin::kEngine) {
      break;
    }
    const bool is_open = i >= next && entry.result == Batch::Result::kOpen;
    batch.messages.push_back({text.substr(begin, entry.end - 1 - begin),
                              {entry.record_pos, entry.record_ring},
                              entry.origin,
                              is_open});
    begin = entry.end;
  }
  batch.damaged = claimed - batch.messages.size();
  return batch;
}

}  // namespace metlog
