#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/codec/site_plan.h"

namespace metlog {

/// What is the same for all messages of a process.
struct ProcessText {
  std::int64_t pid;
  std::string hostname;
};

/// The beginning of envelopes, up to and with the quote before the time stamp. The same for all
/// records of a site and client, so it is rendered once. Used by one thread.
class EnvelopeHead {
 public:
  explicit EnvelopeHead(const ProcessText& process);

  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text);
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return clients_[slot].text; }

  /// Of a record with these arguments; valid until the next call.
  const std::string& of(const SitePlan& plan, const std::vector<ArgBytes>& args,
                        std::uint32_t slot);
  [[nodiscard]] std::string make(std::string_view type, std::string_view logger,
                                 std::int64_t severity) const;

 private:
  struct Client {
    ClientText text;
    std::vector<std::string> heads;  // by site; empty until needed
  };
  [[nodiscard]] std::string make_own(const SitePlan& plan, const std::vector<ArgBytes>& args,
                                     const ClientText& client) const;

  std::string tail_;  // behind the severity
  std::string own_;
  std::vector<Client> clients_;  // by slot
};

}  // namespace metlog
