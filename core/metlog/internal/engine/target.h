#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client_output.h"
#include "metlog/engine.h"
#include "metlog/internal/engine/connect/destinations.h"

namespace metlog {

/// kInvalidArgument when the name or an option of one of several destinations is wrong. Opens
/// nothing.
absl::Status check_destination(const ClientOutput& output, const ClientOptions& options);

/// A destination that a client gets: the checked options and the connections, which are open and
/// have their threads. Until the client has it, its destruction closes it.
struct Engine::Target {
  OpenSlot open;
  std::unique_ptr<Destination> destination;

  using All = std::vector<Target>;

  // What these return is not empty. Errors are those of make_sender(), of check_options() and of
  // start_thread().
  static absl::StatusOr<All> make(State& state, std::string_view url, const ClientOptions& options);
  static absl::StatusOr<All> make(State& state, const SenderFactory& connect,
                                  const ClientOptions& options);
  static absl::StatusOr<All> make(State& state, std::unique_ptr<Sender> sender,
                                  const ClientOptions& options);
  /// Makes those of one client, the ones that are optional as far as that is possible. The first
  /// error otherwise; what is wrong with a name is found before anything is opened.
  static absl::StatusOr<All> make(State& state, const std::vector<ClientOutput>& outputs,
                                  const ClientOptions& options);
};

}  // namespace metlog
