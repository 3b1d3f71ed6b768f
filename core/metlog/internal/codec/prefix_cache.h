#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {

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
