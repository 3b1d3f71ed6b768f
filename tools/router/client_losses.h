#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "metlog/loss.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// What the clients say that they have lost before it could reach the router. It is not part of the
/// account's identity: these messages were never received.
struct ClientLossCounts {
  std::uint64_t clients = 0;     // that reported a loss; one that came again after it was forgotten
                                 // counts twice
  std::uint64_t forgotten = 0;   // of these, dropped to make room for newer ones
  std::uint64_t lost = 0;        // messages, over the whole lives of the clients
  LossCounts lost_by_reason;     // the part of them whose reason is known here
  std::uint64_t unreported = 0;  // of `lost`: in totals only; the messages that report them are
                                 // lost, or on their way
};

/// Adds up the metlog.loss messages of all clients. Each carries how many messages it reports and
/// the totals of its client, so that it shows when another one is missing. Keeps at most
/// kMaxClients and then forgets the one that was silent for longest, so that no peer can fill the
/// memory. The numbers are not authenticated; sums saturate. Used by one thread.
class ClientLosses {
 public:
  static constexpr std::size_t kMaxClients = 4096;

  ClientLosses();
  ~ClientLosses();

  /// Takes a message of type metlog.loss. One without totals, as older clients write it, counts by
  /// itself.
  void note(const DecodedMessage& message);
  [[nodiscard]] const ClientLossCounts& counts() const { return counts_; }

 private:
  struct Client;
  struct Clients;  // a hash map, kept out of this header

  Client& client_of(const DecodedMessage& message);

  const std::unique_ptr<Clients> clients_;
  ClientLossCounts counts_;
};

}  // namespace metlog
