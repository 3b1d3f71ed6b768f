#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/error_kind.h"
#include "metlog/internal/config/dict_from_config.h"
#include "metlog/options.h"
#include "metlog/providers.h"
#include "metlog/value.h"

namespace metlog {

class Engine;
class Holder;

/// How a configuration is applied.
struct Configuring {
  /// Empties the global configuration before this one's `global` is merged into it.
  bool clear_global = false;
  /// Options for which the configuration has no keys.
  ClientOptions options = {};
  /// Receives the keys that have no effect: those that metlog does not read, and `sender.livecheck`
  /// of a ZmqPubSender. Null to ignore them.
  std::vector<std::string>* unknown_keys = nullptr;
  /// For messages and `${NAME}`; not used for a dictionary.
  ConfigReading reading = {};
  // Null for the process's.
  Engine* engine = nullptr;
  Holder* holder = nullptr;
};

// A client as a configuration describes it: docs/configuration.md has the keys. A client that is
// passed in is reconfigured in place: options that the configuration does not have return to their
// defaults, added methods stay, and no message in flight is lost. The default of `logger` is empty;
// of a client of get_client(name) whose logger is that name it is the name.
//
// After an error nothing has changed, including the global configuration, and a living client works
// as before. Messages name file, line, section, key and value: kInvalidArgument for a wrong value,
// kNotFound for a missing section, variable, file or provider, which error_detail() tells apart
// (error_kind.h), kAlreadyExists for a method whose name is in use, kFailedPrecondition for keys
// engine_* when the engine runs already with other values, and the errors of opening a sender. If a
// first configuration fails only when its sender is opened, the engine keeps its engine_* keys.
// Any thread; one configuration of a client at a time.

absl::StatusOr<Client> client_from_dict_config(const ValueMap& config, const Configuring& how = {});
absl::StatusOr<Client> client_from_text_config(std::string_view text, std::string_view section,
                                               const Configuring& how = {});
absl::StatusOr<Client> client_from_stream_config(std::istream& stream, std::string_view section,
                                                 const Configuring& how = {});
/// INI or JSON, by the rule of dict_from_file_config().
absl::StatusOr<Client> client_from_file_config(const std::string& path, std::string_view section,
                                               const Configuring& how = {});
absl::StatusOr<Client> client_from_json_config(std::string_view text, const Configuring& how = {});

absl::Status client_from_dict_config(const ValueMap& config, Client& client,
                                     const Configuring& how = {});
absl::Status client_from_text_config(std::string_view text, std::string_view section,
                                     Client& client, const Configuring& how = {});
absl::Status client_from_stream_config(std::istream& stream, std::string_view section,
                                       Client& client, const Configuring& how = {});
absl::Status client_from_file_config(const std::string& path, std::string_view section,
                                     Client& client, const Configuring& how = {});
absl::Status client_from_json_config(std::string_view text, Client& client,
                                     const Configuring& how = {});

/// The holder's client of this name, configured unless `config` is empty. The configuration's
/// `logger` is empty or the name; another is kInvalidArgument. After an error the client exists, as
/// it was before or as get_client(name) makes it.
absl::StatusOr<Client*> get_client(std::string_view name, const ValueMap& config,
                                   const Configuring& how = {});

/// Opens a client of a sender class of senders.h, or of what a provider has planned: connections,
/// format and filters are those of the sender, everything else is in `options`. Errors as for
/// metlog::open(); kInvalidArgument names a parameter at fault. Any thread.
absl::StatusOr<Client> open(const SenderSpec& sender, const ClientOptions& options = {});
/// Gives an open client that destination, as metlog::reconfigure() does.
absl::Status reconfigure(Client& client, const SenderSpec& sender,
                         const ClientOptions& options = {});

/// A class of senders.h, or one of the program's that plans a SenderSpec.
template <class S>
concept SenderClass = requires(const S& sender) {
  { sender.spec() } -> std::same_as<absl::StatusOr<SenderSpec>>;
};
template <SenderClass S>
absl::StatusOr<Client> open(const S& sender, const ClientOptions& options = {}) {
  const absl::StatusOr<SenderSpec> spec = sender.spec();
  return spec.ok() ? open(*spec, options) : spec.status();
}
template <SenderClass S>
absl::Status reconfigure(Client& client, const S& sender, const ClientOptions& options = {}) {
  const absl::StatusOr<SenderSpec> spec = sender.spec();
  return spec.ok() ? reconfigure(client, *spec, options) : spec.status();
}

/// The configuration that was last applied to the client, as compact JSON: an exact copy, plus the
/// keys of sender_* and global_* nested. Empty when there was none.
std::string configuration_of(const Client& client);

/// The last messages of a client whose sender is a DebugCaptureSender; null for any other, and for
/// one that the holder has closed.
std::shared_ptr<const DebugCapture> debug_capture(const Client& client);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
