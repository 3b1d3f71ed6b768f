#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
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
  /// Options that configurations have no keys for.
  ClientOptions options = {};
  /// Receives the keys that metlog does not read; null to ignore them.
  std::vector<std::string>* unknown_keys = nullptr;
  /// For messages and `${NAME}`; not used for a dictionary.
  ConfigReading reading = {};
  // Null for the process's.
  Engine* engine = nullptr;
  Holder* holder = nullptr;
};

// A client as a configuration describes it: docs/configuration.md has the keys. A client that is
// passed in is reconfigured in place: options that the configuration does not have return to their
// defaults, added methods stay, and no message in flight is lost.
//
// After an error nothing has changed, including the global configuration, and a living client works
// as before. Messages name file, line, section, key and value: kInvalidArgument for a wrong value,
// kNotFound for a missing section, variable, file or provider, kAlreadyExists for a method whose
// name is in use, and the errors of opening a sender. Any thread; one configuration of a client at
// a time.

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

/// The configuration that was last applied to the client, as compact JSON: an exact copy, plus the
/// keys of sender_* and global_* nested. Empty when there was none.
std::string configuration_of(const Client& client);

/// The last messages of a client whose sender is a DebugCaptureSender; null for any other, and for
/// one that the holder has closed.
std::shared_ptr<const DebugCapture> debug_capture(const Client& client);

}  // namespace metlog
