#include "metlog/internal/recovery/lane.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/internal/flush/message_id.h"

namespace metlog {
namespace {

constexpr std::size_t kBatchBytes = 256 * 1024;

UniqueFd open_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

bool is_file(int fd, const FileIdentity& file) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && status.st_dev == file.device && status.st_ino == file.inode;
}

/// Opens the file that a batch was being written to. Without its identity that is what the path
/// names; else also a file beside it whose name has something more, as what is rotated. Where there
/// is no such file, the tree may be a copy: the bytes decide.
UniqueFd open_written(const std::string& path, const FileIdentity& file) {
  UniqueFd named = open_file(path);
  if (!file.is_known() || (named.is_open() && is_file(named.get(), file))) return named;
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  if (error) return named;
  const std::string name = whole.filename().string() + ".";
  std::filesystem::directory_iterator entry(whole.parent_path(), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    struct stat status {};
    const std::filesystem::path& found = entry->path();
    if (!found.filename().string().starts_with(name) || ::lstat(found.c_str(), &status) != 0 ||
        status.st_dev != file.device || status.st_ino != file.inode) {
      continue;
    }
    UniqueFd fd = open_file(found.string());
    if (fd.is_open() && is_file(fd.get(), file)) return fd;
  }
  return named;
}

/// Removes the last `size` bytes of a file, from `at` on, unless something comes after them. False
/// when they are still there.
bool take_back(int fd, std::uint64_t at, std::size_t size) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return false;
  struct stat status {};
  const bool is_removed = ::fstat(fd, &status) == 0 &&
                          static_cast<std::uint64_t>(status.st_size) == at + size &&
                          ::ftruncate(fd, static_cast<off_t>(at)) == 0;
  ::flock(fd, LOCK_UN);
  return is_removed;
}

/// Returns the index after the messages that a sender had written to its file, called `path` then,
/// without having said so: the bytes are there. Half of the next one, at the file's end, is taken
/// back. Returns 0 when nothing is known.
std::uint64_t arrived_in_file(const BatchImage& batch, const std::string& path) {
  if (!batch.write_offset.has_value()) return 0;
  const UniqueFd fd = open_written(path, batch.write_file);
  if (!fd.is_open()) return 0;
  std::uint64_t at = *batch.write_offset;
  std::uint64_t index = batch.write_index;
  std::string found;
  for (; index < batch.messages.size(); ++index) {
    // What the table does not tell is part of the text that follows.
    if (batch.messages[index].text.empty()) continue;
    const std::string line = std::string(batch.messages[index].text) + '\n';
    found.resize(line.size());
    const ssize_t size = ::pread(fd.get(), found.data(), found.size(), static_cast<off_t>(at));
    if (size <= 0 || line.compare(0, static_cast<std::size_t>(size), found, 0,
                                  static_cast<std::size_t>(size)) != 0) {
      break;
    }
    if (static_cast<std::size_t>(size) < line.size()) {
      const bool is_removed = take_back(fd.get(), at, static_cast<std::size_t>(size));
      // It lacks the newline alone, which the next writer adds.
      if (!is_removed && static_cast<std::size_t>(size) + 1 == line.size()) ++index;
      break;
    }
    at += line.size();
  }
  return index;
}

}  // namespace

/// Returns the index after the messages that are in the file of the process, if it wrote to one.
std::uint64_t Lane::arrived(const BatchImage& batch) const {
  const absl::StatusOr<Url> url = parse_url(own_url_);
  return url.ok() && url->scheme == "file" ? arrived_in_file(batch, url->path) : 0;
}

bool Lane::take(const BatchImage& batch) {
  bool has_open = false;
  const std::uint64_t end = arrived(batch);
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const BatchImage::Message& message = batch.messages[i];
    const std::uint64_t sequence = batch.first_sequence + i;
    std::uint64_t& drained = drained_[message.record.ring];
    drained = std::max(drained, message.record.pos);
    const bool has_arrived = i >= batch.write_index && i < end;
    const bool is_open = message.is_open && !has_arrived;
    const auto at = static_cast<std::uint32_t>(taken_batches_.size());
    taken_.push_back({sequence, &message, at, is_open, has_arrived});
    has_open |= is_open;
  }
  taken_batches_.push_back(&batch);
  note_totals(batch);
  next_sequence_ =
      std::max({next_sequence_, batch.next_sequence, batch.first_sequence + batch.messages.size()});
  next_number_ = std::max(next_number_, batch.number + 1);
  return has_open;
}

void Lane::note_totals(const BatchImage& batch) {
  // A recovery died before it gave the batch its number: it stands for nothing yet, and what its
  // totals say is still in the batches that it was made from.
  if (batch.replaces_earlier && batch.number == 0) return;
  if (batch.replaces_earlier) replaced_below_ = std::max(replaced_below_, batch.number);
  unsigned stream = 0;
  unsigned index = 0;
  unsigned generation = 0;
  (void)std::sscanf(batch.name.c_str(), "s%u.%u.%u.", &stream, &index, &generation);
  // The process died while the batch was moved to a larger file.
  const auto [at, is_new] = files_.try_emplace(index, File{generation, batch.number, batch.totals});
  if (!is_new && at->second.generation < generation) {
    at->second = {generation, batch.number, batch.totals};
  }
}

/// Counts a message that is sent or lost, unless the totals of a batch do.
void Lane::count_settled(const Taken& taken) {
  const BatchImage& batch = *taken_batches_[taken.batch];
  const BatchImage::Message& message = *taken.message;
  // The process died after it had counted the batch.
  const bool is_counted = batch.totals.number == batch.number || batch.number < replaced_below_;
  if (is_counted || message.text.empty()) return;
  const bool is_lost = message.is_lost && !taken.has_arrived;
  if (message.origin != Batch::Origin::kUser) {
    if (!is_lost) settled_.reported[message.reported] += message.report_count;
  } else if (is_lost) {
    ++settled_.lost[message.reason];
  } else {
    ++settled_.sent;
  }
}

bool Lane::has(const RecordId& record) const { return record.pos < drained_of(record.ring); }

std::uint64_t Lane::drained_of(std::uint32_t ring) const {
  const auto found = drained_.find(ring);
  return found == drained_.end() ? 0 : found->second + 1;
}

void Lane::store_taken() {
  // Of equal numbers the one comes first that is sent or lost, and of these that of the last batch.
  const auto number_of = [this](const Taken& taken) { return taken_batches_[taken.batch]->number; };
  std::stable_sort(taken_.begin(), taken_.end(), [&](const Taken& a, const Taken& b) {
    if (a.sequence != b.sequence) return a.sequence < b.sequence;
    if (a.is_open != b.is_open) return !a.is_open;
    return number_of(a) > number_of(b);
  });
  const auto same = [](const Taken& a, const Taken& b) { return a.sequence == b.sequence; };
  taken_.erase(std::unique(taken_.begin(), taken_.end(), same), taken_.end());
  for (const auto& [index, file] : files_) {
    if (file.number >= replaced_below_) settled_.add(file.totals);
  }
  for (const Taken& taken : taken_) {
    if (!taken.is_open) count_settled(taken);
  }
  for (const Taken& taken : taken_) {
    if (!taken.is_open) continue;
    const BatchImage::Message& message = *taken.message;
    open_notices_[message.reported] += message.report_count;
    put(taken.sequence,
        {message.text, message.record, message.origin, message.reported, message.report_count},
        ids_.are_wanted && !ids_.has_own);
  }
  taken_ = {};
  taken_batches_ = {};
}

void Lane::add(std::string_view text, const RecordId& record, Batch::Origin origin) {
  put(next_sequence_++, {text, record, origin}, ids_.are_wanted || ids_.has_own);
  drained_[record.ring] = record.pos;
}

void Lane::add(std::string_view text, const Notice& notice) {
  put(next_sequence_++, {text, notice.record, Batch::Origin::kEngine, notice.reason, notice.count},
      ids_.are_wanted || ids_.has_own);
  drained_[notice.record.ring] = notice.record.pos;
}

void Lane::put(std::uint64_t sequence, const Message& message, bool adds_id) {
  if (message.origin == Batch::Origin::kUser && place_.drops_calls) {
    ++dropped_count_;
    return;
  }
  ++count_;
  if (message.origin == Batch::Origin::kUser) ++user_count_;
  if (message.record == kDeath) death_sequence_ = sequence;
  if (batches_.empty() || batches_.back()->is_full() || sequence != expected_) {
    const BatchPlace place{place_.directory_fd, place_.first_index++, true,
                           batches_.empty() ? &settled_ : nullptr};
    batches_.push_back(std::make_unique<Batch>(kBatchBytes, stream_, place));
    batches_.back()->begin(next_number_++, sequence);
  }
  Batch& batch = *batches_.back();
  char* const out = batch.reserve(message.text.size() + kMaxMessageIdBytes);
  std::memcpy(out, message.text.data(), message.text.size());
  char* end = out + message.text.size();
  if (adds_id) end = add_message_id(out, end, stream_, sequence);
  if (message.report_count != 0) {
    Notice notice;
    notice.reason = message.reported;
    notice.count = message.report_count;
    notice.record = message.record;
    batch.commit(end, notice);
  } else {
    batch.commit(end, message.origin, message.record);
  }
  expected_ = sequence + 1;
}

bool Lane::is_stored() const {
  return std::all_of(batches_.begin(), batches_.end(),
                     [](const auto& batch) { return batch->outlives_process(); });
}

bool Lanes::asks_for_ids(const std::string& url) {
  absl::StatusOr<Url> parsed = parse_url(url);
  return parsed.ok() && take_ids(*parsed, false).value_or(false);
}

void Lanes::store_taken() {
  for (const auto& [stream, lane] : all_) lane->store_taken();
}

Lane& Lanes::of(std::uint32_t stream) {
  std::unique_ptr<Lane>& lane = all_[stream];
  if (lane != nullptr) return *lane;
  const std::optional<SessionClient> client = session_.clients().of_stream(stream);
  const std::string own = client.has_value() ? client->url : "";
  const bool has_own = client.has_value() && (client->flags & SessionClient::kHasIds) != 0;
  lane = std::make_unique<Lane>(StreamId{session_.id(), stream}, own, to_.empty() ? own : to_,
                                place_, Lane::Ids{has_own, wants_ids_});
  return *lane;
}

bool Lanes::have(std::uint32_t slot, const RecordId& record) {
  const auto [found, is_new] = drained_.try_emplace({slot, record.ring}, 0);
  std::uint64_t& drained = found->second;
  if (is_new) {
    for (const std::uint32_t stream : session_.clients().streams_of(slot)) {
      const auto lane = all_.find(stream);
      if (lane != all_.end()) drained = std::max(drained, lane->second->drained_of(record.ring));
    }
  }
  return record.pos < drained;
}

}  // namespace metlog
