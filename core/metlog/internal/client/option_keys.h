#pragma once

#include "absl/status/status.h"
#include "metlog/options.h"
#include "metlog/value.h"

namespace metlog {

class Engine;
struct SenderSpec;

// The keys of a configuration that the reference does not have: the options of a client and of the
// engine, under their names in code. docs/configuration.md lists them. Numbers may be written as
// strings, because the environment has only strings. Errors are kInvalidArgument with the place,
// the value and what the key takes.

/// Reads `when_full`, `batch_bytes`, ... of a configuration; options without a key stay as they
/// are.
absl::Status read_client_keys(const ValueMap& config, ClientOptions& options);

/// Reads the keys of a client's format, which have the names and values of a URL's options:
/// `format`, and of its options `pattern`, `time` (local, utc), `color` (auto, always, never),
/// `add` and `numbers` (0, 1). What they do not say is that of `options`, which have what `sender`
/// prescribes. kInvalidArgument for another value, for an option that the format does not have, and
/// for a format where the sender's is fixed.
absl::Status read_format_keys(const ValueMap& config, const SenderSpec& sender,
                              ClientOptions& options);

/// Reads `engine`, the map of the keys engine_*: `ring_bytes`, `poll_interval_us`, ...
absl::Status read_engine_keys(const ValueMap& keys, EngineOptions& options);

/// Sets the options of the process's engine, which is made at the first open(). kFailedPrecondition
/// when an engine that runs has others: `running`, or that of the process when it is null.
absl::Status configure_engine(const ValueMap& keys, const Engine* running);

}  // namespace metlog
