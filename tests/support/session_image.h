#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "metlog/internal/flush/batch_memory.h"
#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/session/session.h"
#include "tests/senders/temp_dir.h"

namespace metlog {

// What another process finds in the files of a session, by docs/ring.md.

inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory,
                                                   const std::string& extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

/// A batch's file; without messages when the process died while it was being made.
struct WrittenBatch {
  struct Message {
    std::string text;
    RecordId record;
    bool is_open;
  };

  explicit WrittenBatch(const std::filesystem::path& path) {
    const std::string bytes = content_of(path);
    if (bytes.size() < sizeof header) return;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.magic.load(Order::kRelaxed) != kBatchMagic) return;
    std::size_t begin = 0;
    for (std::uint64_t i = 0; i < header.count.load(Order::kRelaxed); ++i) {
      Batch::Entry entry;
      std::memcpy(&entry, bytes.data() + header.table_at + i * header.entry_bytes, sizeof entry);
      messages.push_back(
          {bytes.substr(header.text_at + begin, entry.end - 1 - begin),
           {entry.record_pos, entry.record_ring},
           i >= header.next.load(Order::kRelaxed) && entry.result == Batch::Result::kOpen});
      begin = entry.end;
    }
  }
  [[nodiscard]] std::vector<std::string> open_texts() const {
    std::vector<std::string> texts;
    for (const Message& message : messages) {
      if (message.is_open) texts.push_back(message.text);
    }
    return texts;
  }

  BatchHeader header{};
  std::vector<Message> messages;
};

/// The file `session`.
inline SessionHeader session_header(const std::filesystem::path& session) {
  const std::string bytes = content_of(session / "session");
  SessionHeader header{};
  EXPECT_GE(bytes.size(), sizeof header);
  std::memcpy(static_cast<void*>(&header), bytes.data(), std::min(bytes.size(), sizeof header));
  return header;
}

}  // namespace metlog
