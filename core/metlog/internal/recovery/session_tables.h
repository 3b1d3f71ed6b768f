#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/session/session.h"

namespace metlog {

/// What a table of a session held that makes no sense. Not counted: an entry that was being written
/// at the death, which is the last one and runs past the end.
struct TableDamage {
  std::uint64_t bytes = 0;
  std::uint64_t places = 0;  // runs of bytes
};

/// The call sites of a session, read from its file `dict`. Trusts nothing in it: a damaged entry is
/// skipped, and the next place is looked for where one makes sense. A site is made when it is asked
/// for. Used by one thread.
class SiteTable {
 public:
  SiteTable() = default;
  explicit SiteTable(std::string bytes);

  /// Returns null for a site that is not in the table. Valid until the next call.
  const SiteLayout* find(std::uint32_t id);
  /// Grows when sites are made anew, under ids of their own that others had before: what is
  /// remembered by RegisteredSite::id is then wrong.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] const TableDamage& damage() const { return damage_; }

 private:
  struct Place {
    std::uint32_t id;
    std::uint32_t size;
    std::size_t at;
  };
  struct Made {
    RegisteredSite site;
    std::unique_ptr<SiteLayout> layout;
  };

  std::string bytes_;
  std::vector<Place> places_;  // by id; of two with one id the later one comes last
  std::map<std::uint32_t, std::unique_ptr<Made>> made_;
  std::uint64_t generation_ = 0;
  TableDamage damage_;
};

/// Returns the parts of its messages that a client sets. What is damaged or of a later version is
/// as if it was not given.
ClientText text_of(const SessionClient& client);

/// The clients of a session, read from its file `clients` in the same way.
class ClientTable {
 public:
  ClientTable() = default;
  explicit ClientTable(std::string bytes);

  /// Returns what the client in a slot was last; null when that is unknown.
  [[nodiscard]] const SessionClient* in_slot(std::uint32_t slot) const;
  /// Returns the slots to which records go that name this one: itself, and those of the client's
  /// other destinations.
  [[nodiscard]] std::vector<std::uint32_t> slots_of(std::uint32_t slot) const;
  /// Returns the client in the first slot that has a stream; null when there is none.
  [[nodiscard]] const SessionClient* first() const;
  /// Returns the first client that had this stream.
  [[nodiscard]] std::optional<SessionClient> of_stream(std::uint32_t stream) const;
  /// Returns the streams of all clients that this slot had.
  [[nodiscard]] std::vector<std::uint32_t> streams_of(std::uint32_t slot) const;
  [[nodiscard]] bool is_empty() const { return places_.empty(); }
  [[nodiscard]] const TableDamage& damage() const { return damage_; }

 private:
  struct Place {
    std::uint32_t size;
    std::size_t at;
  };

  [[nodiscard]] std::optional<SessionClient> client_at(const Place& place) const;

  std::string bytes_;
  std::vector<Place> places_;
  std::map<std::uint32_t, SessionClient> last_;  // by slot
  TableDamage damage_;
};

}  // namespace metlog
