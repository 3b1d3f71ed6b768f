#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/crc32c.h"
#include "tests/senders/temp_dir.h"

namespace metlog {

/// Bytes that are put at offsets, as docs/ring.md lists them. Uses none of the library's layouts,
/// so that a change of these is seen.
class RawBytes {
 public:
  explicit RawBytes(std::size_t size = 0) : bytes_(size, '\0') {}

  template <class T>
  RawBytes& put(std::size_t at, T number) {
    std::memcpy(bytes_.data() + at, &number, sizeof number);
    return *this;
  }
  RawBytes& put_text(std::size_t at, std::string_view text) {
    text.copy(bytes_.data() + at, text.size());
    return *this;
  }
  template <class T>
  RawBytes& add(T number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  RawBytes& add_text(std::string_view text) {
    add(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

/// The files of a session, byte by byte as a version of metlog wrote them: 1, before there were
/// tables of clients and batches, or 2.
class GoldenSession {
 public:
  static constexpr std::uint64_t kBaseTicks = 1'000'000;
  static constexpr std::int64_t kBaseNs = 1'600'000'000'000'000'000;  // 2020-09-13T12:26:40Z
  static constexpr std::uint32_t kSite = 16;

  GoldenSession(const std::filesystem::path& parent, std::uint32_t abi)
      : abi_(abi), path_(parent / "shop.4242.0011223344556677") {
    ::mkdir(path_.c_str(), 0700);
    header_.put_text(0, "METLSESS").put(8, abi).put<std::uint32_t>(12, abi == 1 ? 184 : 816);
    for (std::uint8_t i = 0; i < 16; ++i) header_.put<std::uint8_t>(16 + i, i * 0x11);
    header_.put_text(32, "5a0b9f5e-0000-0000-0000-000000000000");
    header_.put<std::uint32_t>(72, 4242).put_text(88, "shop");
    header_.put<std::uint64_t>(160, kBaseTicks).put<std::int64_t>(168, kBaseNs);
    header_.put<std::uint64_t>(176, std::uint64_t{1} << 32);  // a tick is 1 ns
    if (abi >= 2) header_.put_text(184, "till-7");
    write("session", header_.bytes());
    write("dict", "");
    if (abi >= 2) write("clients", "");
  }

  /// A log call with a number and a text.
  void add_site(std::uint32_t id, std::string_view format) {
    RawBytes site;
    site.add(id).add<std::uint8_t>(0).add<std::int8_t>(6).add<std::uint16_t>(2);
    site.add<std::uint32_t>(77).add_text(format).add_text("shop.cc").add_text("main");
    site.add('a').add<std::uint8_t>(0).add_text("i");
    site.add('a').add<std::uint8_t>(0).add_text("s");
    append_entry("dict", site.bytes());
  }
  void add_client(std::uint32_t slot, std::string_view url, std::uint32_t stream) {
    RawBytes client;
    client.add(slot).add<std::uint8_t>(0).add<std::uint8_t>(0).add<std::int8_t>(6);
    client.add<std::uint8_t>(0).add_text("till").add_text(url);
    client.add<std::uint32_t>(1).add(stream);
    append_entry("clients", client.bytes());
  }

  /// A ring of 2^`cells_log2` cells, written as its thread and its flusher do.
  struct Ring {
    Ring(std::uint32_t abi, unsigned log2, std::uint64_t start_pos)
        : cells_log2(log2), file(4096 + (std::size_t{64} << log2)), pos(start_pos) {
      file.put_text(0, "METLRING").put(8, abi).put<std::uint32_t>(12, 4096);
      file.put<std::uint32_t>(16, 64).put<std::uint32_t>(20, log2);
      for (std::uint8_t i = 0; i < 16; ++i) file.put<std::uint8_t>(48 + i, i * 0x11);
      file.put(32, start_pos);
      if (abi >= 2) file.put<std::uint64_t>(272, std::uint64_t{1} << log2);
      set_positions(start_pos, start_pos);
      for (std::uint64_t i = start_pos - capacity(); i != start_pos; ++i) file.put(at(i), lap(i));
    }
    [[nodiscard]] std::uint64_t capacity() const { return std::uint64_t{1} << cells_log2; }
    [[nodiscard]] std::size_t at(std::uint64_t p) const { return 4096 + (p % capacity()) * 64; }
    [[nodiscard]] std::uint64_t lap(std::uint64_t p) const {
      return static_cast<std::uint8_t>((p >> cells_log2) + 1);
    }
    /// read_pos, and what came before it: done_pos of version 1, drained_pos of version 2.
    void set_positions(std::uint64_t read, std::uint64_t second) {
      file.put(128, read).put(192, second);
    }
    /// A record of add_site()'s: its first 48 bytes of arguments, then 56 in each cell.
    void add_record(std::uint32_t site, std::int32_t number, const std::string& text,
                    std::uint64_t client = 0) {
      RawBytes args;
      args.add(number).add_text(text);
      const std::string& bytes = args.bytes();
      const std::uint64_t cells = bytes.size() <= 48 ? 1 : 1 + (bytes.size() - 48 + 55) / 56;
      file.put(at(pos), lap(pos) | cells << 8 | client << 24 | std::uint64_t{site} << 40);
      file.put(at(pos) + 8, kBaseTicks + static_cast<std::uint64_t>(number) * 1000);
      file.put_text(at(pos) + 16, std::string_view(bytes).substr(0, 48));
      for (std::uint64_t i = 1; i < cells; ++i) {
        file.put(at(pos + i), lap(pos + i));
        file.put_text(at(pos + i) + 8, std::string_view(bytes).substr(48 + (i - 1) * 56, 56));
      }
      pos += cells;
    }

    const unsigned cells_log2;
    RawBytes file;
    std::uint64_t pos;  // where the next record goes
  };
  [[nodiscard]] Ring ring(unsigned cells_log2, std::uint64_t start_pos = 0) const {
    return {abi_, cells_log2, start_pos};
  }
  void write_ring(std::uint32_t index, Ring& ring) const {
    char name[32];
    std::snprintf(name, sizeof name, "r%03u.ring", index);
    write(name, ring.file.put(24, index).bytes());
  }
  /// A batch of one stream with these messages, of which `next` are sent; without messages, one
  /// that was cleared, after which `next` is the number that follows.
  void write_batch(std::uint32_t stream, const std::vector<std::string>& messages,
                   std::uint64_t first_sequence, std::uint64_t next) const {
    RawBytes file(4096 + 65536 + 24 * messages.size());
    file.put_text(0, "MTLGBTCH").put<std::uint32_t>(8, 1).put<std::uint32_t>(12, 120);
    for (std::uint8_t i = 0; i < 16; ++i) file.put<std::uint8_t>(16 + i, i * 0x11);
    file.put(32, stream).put<std::uint32_t>(36, 24);
    file.put<std::uint64_t>(40, 4096).put<std::uint64_t>(48, 4096 + 65536);
    file.put<std::uint64_t>(56, 1).put(64, first_sequence);
    file.put<std::uint64_t>(72, messages.size()).put(80, next);
    // What followed the last batch in this file, while it is empty.
    file.put<std::uint64_t>(112, messages.empty() ? next : first_sequence);
    std::uint64_t end = 0;
    std::size_t table = 4096 + 65536;
    for (const std::string& message : messages) {
      file.put_text(4096 + end, message + "\n");
      end += message.size() + 1;
      file.put(table, end).put<std::uint64_t>(table + 8, 0).put<std::uint32_t>(table + 16, 999);
      table += 24;
    }
    char name[64];
    std::snprintf(name, sizeof name, "s%03u.000.0.batch", stream);
    write(name, file.bytes());
  }

  void write(const std::string& name, const std::string& bytes) const {
    write_content((path_ / name).string(), bytes);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void append_entry(const char* file, const std::string& contents) const {
    RawBytes entry;
    entry.add(static_cast<std::uint32_t>(contents.size()));
    entry.add(crc32c(reinterpret_cast<const unsigned char*>(contents.data()), contents.size()));
    write(file, content_of((path_ / file).string()) + entry.bytes() + contents);
  }

  const std::uint32_t abi_;
  const std::filesystem::path path_;
  RawBytes header_{4096};
};

}  // namespace metlog
