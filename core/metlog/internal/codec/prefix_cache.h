#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {

/// What a message says of its origin.
struct MessageOrigin {
  std::string_view type;
  std::string_view logger;
  std::int64_t severity;
};

/// The origin of a record of this client's. The arguments are looked at only if the plan
/// has_own_prefix.
MessageOrigin origin_of(const SiteLayout& plan, const std::vector<ArgBytes>& args,
                        const ClientText& client);

/// The clients by slot, and for each a text by site that is the same for all records of the two,
/// so that it is rendered once. Used by one thread.
class PrefixCache {
 public:
  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text);
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return clients_[slot].text; }

  /// Writes the text of this site and client and returns its end. `render` does that the first
  /// time.
  template <class Render>
  char* append(char* out, const SiteLayout& plan, std::uint32_t slot, const Render& render) {
    std::string& text = of(plan, slot);
    if (!text.empty()) [[likely]]
      return append_plain_text(out, text);
    char* const end = render();
    text.assign(out, end);
    return end;
  }

 private:
  // Empty until it was rendered.
  std::string& of(const SiteLayout& plan, std::uint32_t slot) {
    std::vector<std::string>& heads = clients_[slot].heads;
    const std::size_t index = plan.site->id - kFirstSiteId;
    if (heads.size() <= index) [[unlikely]]
      heads.resize(index + 1 + index / 2);
    return heads[index];
  }

  struct Client {
    ClientText text;
    std::vector<std::string> heads;  // by site; empty until needed
  };
  std::vector<Client> clients_;  // by slot
};

}  // namespace metlog
