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
  /// What configurations have no keys for.
  ClientOptions options = {};
  /// Where the keys are put that nobody reads; null to ignore them.
  std::vector<std::string>* unknown_keys = nullptr;
  /// For messages, and for `${NAME}`; not of a dictionary.
  ConfigReading reading = {};
  // Null for the process's.
  Engine* engine = nullptr;
  Holder* holder = nullptr;
};

// A client as a configuration describes it: docs/configuration.md has the keys. Given a client, it
// is configured anew, as the same object: what the configuration does not say returns to its
// default, methods that were added stay, and no message in flight is lost.
//
// On an error nothing has changed, the global configuration included, and a living client works as
// before. Messages name file, line, section, key and value: kInvalidArgument for what is written
// wrongly, kNotFound for a section, a variable, a file or a provider that is not there,
// kAlreadyExists for a method whose name is in use, and what opening a sender answers. Any thread;
// of one client, one configuration at a time.

absl::StatusOr<Client> client_from_dict_config(const ValueMap& config, const Configuring& how = {});
absl::StatusOr<Client> client_from_text_config(std::string_view text, std::string_view section,
                                               const Configuring& how = {});
absl::StatusOr<Client> client_from_stream_config(std::istream& stream, std::string_view section,
                                                 const Configuring& how = {});
/// INI or JSON, as dict_from_file_config() tells them apart.
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
/// `logger` is blank, or the name; another is kInvalidArgument. The client is there also after an
/// error, as it was before or as get_client(name) makes it.
absl::StatusOr<Client*> get_client(std::string_view name, const ValueMap& config,
                                   const Configuring& how = {});

/// The configuration that the client was last given, as compact JSON: an exact copy, with the keys
/// of sender_* and global_* nested beside it. Empty when it was given none.
std::string configuration_of(const Client& client);

/// What a client whose sender is a DebugCaptureSender has sent last; null for any other, and for
/// one that the holder has closed.
std::shared_ptr<const DebugCapture> debug_capture(const Client& client);

}  // namespace metlog
