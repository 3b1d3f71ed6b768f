#pragma once

#include <string>
#include <vector>

#include "metlog/internal/codec/prefix_cache.h"

namespace metlog {

/// What stands behind the time stamp of a text line and before its payload: severity, logger, and
/// of all but log calls what the message is. `_INFO___shop:_`, `_INFO___shop:_counter_orders`. Used
/// by one thread.
class LineHead {
 public:
  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text) { cache_.set_client(slot, std::move(text)); }
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return cache_.client(slot); }

  /// Of a record with these arguments, which are looked at only if the head is the record's own;
  /// `out` has room for what Encoder::bound() says.
  char* append(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot) {
    const auto render_here = [&] { return render(out, plan, args, slot); };
    if (plan.has_own_head || plan.name_arg != SIZE_MAX) return render_here();
    return cache_.append(out, plan, slot, render_here);
  }
  /// Without the name of a counter or timer.
  [[nodiscard]] static std::string make(const MessageOrigin& origin);

 private:
  char* render(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot);
  HeadCache cache_;
};

}  // namespace metlog
