#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace metlog {

struct DecodedMessage;

/// A position in the text of a message: so many bytes behind the beginning of one of its runs.
/// Messages of one shape have the same positions, and only their runs begin elsewhere.
struct TextPosition {
  std::uint32_t run = 0;
  std::uint32_t offset = 0;
};

/// Where a member of `fields` is.
struct FieldPlace {
  TextPosition key;  // behind its quote
  TextPosition value;
  TextPosition value_end;
  std::uint32_t key_size = 0;
};

/// Where payload and fields of a message are; the fields in the order of the text.
struct PlaceTable {
  TextPosition payload;
  TextPosition payload_end;
  const FieldPlace* fields = nullptr;
  std::size_t field_count = 0;
};

/// What decoded messages refer to. Grows in pieces, which stay where they are until clear(): what
/// was taken may be read by other threads while one thread takes more.
class MessageMemory {
 public:
  explicit MessageMemory(std::size_t piece_bytes = 16 * 1024) : piece_bytes_(piece_bytes) {
    add_piece(piece_bytes);
    start_ = mark();
  }
  MessageMemory(const MessageMemory&) = delete;
  MessageMemory& operator=(const MessageMemory&) = delete;

  /// Returns room for `count` elements; valid until the next call.
  template <class T>
  T* reserve(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlign);
    const std::size_t bytes = count * sizeof(T);
    if (bytes > room_) [[unlikely]]
      add_piece(bytes);
    return reinterpret_cast<T*>(at_);
  }
  /// Keeps the first elements of what reserve() returned.
  template <class T>
  void take(std::size_t count) {
    const std::size_t bytes = (count * sizeof(T) + kAlign - 1) / kAlign * kAlign;
    const std::size_t taken = bytes < room_ ? bytes : room_;
    at_ += taken;
    room_ -= taken;
  }
  /// Keeps what a message refers to and others own.
  void keep(const std::shared_ptr<const void>& owner) {
    if (owner.get() == last_owner_) return;
    last_owner_ = owner.get();
    owners_.push_back(owner);
  }
  /// How much was taken: a place to go back to.
  struct Mark {
    std::size_t pieces = 0;
    std::byte* at = nullptr;
    std::size_t room = 0;
    std::size_t owners = 0;
  };
  [[nodiscard]] Mark mark() const { return {pieces_.size(), at_, room_, owners_.size()}; }
  /// Forgets what was taken since.
  void rewind(const Mark& mark) {
    if (pieces_.size() != mark.pieces || owners_.size() != mark.owners) [[unlikely]]
      free_after(mark);
    at_ = mark.at;
    room_ = mark.room;
  }
  [[nodiscard]] std::size_t owner_count() const { return owners_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Forgets all that was taken, and frees all but the first piece.
  void clear() {
    // The last owner is likely to be the next one, too.
    if (owners_.size() > 1) [[unlikely]]
      owners_.front() = owners_.back();
    start_.owners = owners_.empty() ? 0 : 1;
    rewind(start_);
  }

 private:
  static constexpr std::size_t kAlign = 8;

  void add_piece(std::size_t bytes);
  void free_after(const Mark& mark);

  const std::size_t piece_bytes_;
  struct Piece {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };
  std::vector<Piece> pieces_;
  std::size_t bytes_ = 0;  // of all pieces
  std::byte* at_ = nullptr;
  std::size_t room_ = 0;
  std::vector<std::shared_ptr<const void>> owners_;
  const void* last_owner_ = nullptr;
  Mark start_;
};

/// Finds places by their addresses, in one message: they count from its beginning.
class PlacesInText {
 public:
  explicit PlacesInText(std::string_view raw) : begin_(raw.data()) {}

  void set_payload(std::string_view json) {
    table_.payload = at(json.data());
    table_.payload_end = at(json.data() + json.size());
  }
  [[nodiscard]] FieldPlace field(std::string_view key, std::string_view json) const {
    return {at(key.data()), at(json.data()), at(json.data() + json.size()),
            static_cast<std::uint32_t>(key.size())};
  }
  /// Gives the message its table, which is in `memory` as `fields` are.
  void store(const FieldPlace* fields, std::size_t count, MessageMemory& memory,
             DecodedMessage& message);

 private:
  [[nodiscard]] TextPosition at(const char* address) const {
    return {0, static_cast<std::uint32_t>(address - begin_)};
  }

  const char* const begin_;
  PlaceTable table_;
};

}  // namespace metlog
