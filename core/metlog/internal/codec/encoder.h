#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/format_writer.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/message.h"

namespace metlog {

/// A field of an EngineMessage.
struct EngineField {
  std::string key;
  std::string value;
  bool is_number = false;
};

/// A message that the engine itself makes about a client: metlog.loss, metlog.stats.
struct EngineMessage {
  std::string_view type;
  std::string payload;
  std::vector<EngineField> fields;
  int severity;
  std::int64_t utc_ns;
};

/// Renders records as messages of one format. A message is one line, without its newline. Used by
/// one thread: the flusher.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// Introduces the client of a slot, in place of the previous one.
  virtual void set_client(std::uint32_t slot, ClientText text) = 0;
  /// Returns the maximum of bytes that encode() writes for this record.
  [[nodiscard]] std::size_t bound(const RecordView& record, std::uint32_t slot) const {
    assert(slot < client_bounds_.size());
    const SiteLayout& layout = *record.layout;
    const ClientBound& client = client_bounds_[slot];
    std::size_t bytes = layout.constant_bytes + client.bytes +
                        layout.value_growth * record.arg_bytes + record.context_bytes;
    if (layout.has_spec_numbers) {
      bytes += spec_numbers_growth(record);
    } else if (layout.has_runtime_format) {
      bytes += runtime_format_growth(record);
    }
    if (client.record_factor == 1) [[likely]]
      return bytes + client.place_factor * layout.place_bytes;
    return bytes * client.record_factor * (layout.has_composites ? client.composite_factor : 1) +
           record.context_bytes * client.context_factor + client.place_factor * layout.place_bytes;
  }
  /// Writes the message of a record and returns its end. set_client() was called for the slot.
  /// `out` has room for bound(). Null when the format has no form of it: see shows_metrics_only().
  virtual char* encode(char* out, const RecordView& record, std::uint32_t slot) = 0;
  /// Returns a whole message, empty when the format has no form of it. For the cold path.
  [[nodiscard]] virtual std::string encode(const EngineMessage& message, std::uint32_t slot) = 0;
  /// Returns the whole message that a filter has changed.
  [[nodiscard]] virtual std::string encode(const Message& message, std::uint32_t slot) = 0;

 protected:
  /// What bound() needs to know of a client's format.
  struct ClientBound {
    std::size_t bytes;              // the maximum that the client itself adds to a message
    std::size_t record_factor = 1;  // how much longer the rest is than an envelope
    std::size_t composite_factor = 1;
    std::size_t context_factor = 1;
    std::size_t place_factor = 0;  // bytes for each byte of file, line and function
  };
  void set_bound(std::uint32_t slot, const ClientBound& bound) {
    if (client_bounds_.size() <= slot) client_bounds_.resize(slot + 1);
    client_bounds_[slot] = bound;
  }

 private:
  std::vector<ClientBound> client_bounds_;  // by slot
};

/// The clients by slot, and the beginning of their messages. It is the same in all messages of a
/// client and a site, as a rule, and then rendered once. Used by one thread. `Prefix` derives from
/// this and has:
///
///   static bool is_per_record(const SiteLayout& layout);   // the prefix holds arguments
///   char* render(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
///                const ClientText& client) const;           // writes a prefix, returns its end
template <class Prefix>
class PrefixCache {
 public:
  /// Introduces the client of a slot and forgets the previous one.
  void set_client(std::uint32_t slot, ClientText text) {
    if (clients_.size() <= slot) clients_.resize(slot + 1);
    clients_[slot] = {std::move(text), {}};
  }
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return clients_[slot].text; }

  /// Writes the prefix of a record and returns its end. Reads the arguments only if the prefix
  /// is_per_record(). `out` has room for Encoder::bound().
  char* append(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
               std::uint32_t slot) {
    const Prefix& prefix = static_cast<const Prefix&>(*this);
    if (Prefix::is_per_record(layout)) return prefix.render(out, layout, args, client(slot));
    std::string& cached = find(layout, slot);
    if (!cached.empty()) [[likely]]
      return append_plain_text(out, cached);
    char* const end = prefix.render(out, layout, args, client(slot));
    cached.assign(out, end);
    return end;
  }

 private:
  struct Client {
    ClientText text;
    std::vector<std::string> prefixes;  // by site; empty until rendered
  };

  std::string& find(const SiteLayout& layout, std::uint32_t slot) {
    std::vector<std::string>& prefixes = clients_[slot].prefixes;
    const std::size_t index = layout.site->id - kFirstSiteId;
    if (prefixes.size() <= index) [[unlikely]]
      prefixes.resize(index + 1 + index / 2);
    return prefixes[index];
  }

  std::vector<Client> clients_;  // by slot
};

}  // namespace metlog
