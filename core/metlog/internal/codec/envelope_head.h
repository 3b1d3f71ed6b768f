#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metlog/internal/codec/prefix_cache.h"

namespace metlog {

/// What is the same for all messages of a process.
struct ProcessText {
  std::int64_t pid;
  std::string hostname;
};

/// The beginning of envelopes, up to and with the quote before the time stamp. Used by one thread.
class EnvelopeHead {
 public:
  explicit EnvelopeHead(const ProcessText& process);

  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text) { cache_.set_client(slot, std::move(text)); }
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return cache_.client(slot); }

  /// Of a record with these arguments, which are looked at only if the head is the record's own;
  /// `out` has room for what Encoder::bound() says.
  char* append(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot) {
    const auto render_here = [&] { return render(out, plan, args, slot); };
    if (plan.has_own_head) return render_here();
    return cache_.append(out, plan, slot, render_here);
  }
  /// What of a head is the same for all: part of Encoder::bound().
  [[nodiscard]] std::size_t constant_bytes() const { return tail_.size(); }
  [[nodiscard]] std::string make(const MessageOrigin& origin) const;

 private:
  char* render(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot);
  char* append(char* out, const MessageOrigin& origin) const;

  std::string tail_;  // behind the severity
  HeadCache cache_;
};

}  // namespace metlog
