#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/sender.h"
#include "tools/router/config/settings.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/output/output.h"

namespace metlog {

// An output of a configuration is a transport, by its `type =`, and an encoder, by its `encoder =`:
//
//   [output.errors]
//   type = "file"              # a row of output_types()
//   path = "/var/log/errors"   # keys of that row
//   encoder = "json"           # a row of encoder_types(), with its presets; or with its keys:
//   [output.errors.encoder]
//   type = "statsd"
//   prefix = "shop"
//
// Each row has a function that reads its keys and checks them, and returns one that opens. Nothing
// is opened before the whole configuration has been read without an error, so a read function may
// return anything when it has reported one. It must not touch disk or network.

/// Opens a transport; errors name the value at fault and what to do.
using OpenSender = std::function<absl::StatusOr<std::unique_ptr<Sender>>()>;

struct OutputType {
  std::string_view name;
  std::string_view encoder;  // that it has unless the configuration names one
  /// `options` are those of the output, as the settings that all outputs have make them; a type may
  /// change what is its own matter.
  OpenSender (*read)(Settings& settings, Output::Options& options);
};

/// Makes an encoder.
using MakeEncoder = std::function<std::unique_ptr<MessageEncoder>()>;

struct EncoderType {
  std::string_view name;
  /// The types of messages that it has a form for; all when empty. The output takes no others.
  std::vector<std::string> message_types;
  MakeEncoder (*read)(Settings& settings);
};

// Rows that make requests, in http_types.cc.
OpenSender read_http(Settings& settings, Output::Options& options);
OpenSender read_sentry(Settings& settings, Output::Options& options);
MakeEncoder read_sentry_datagram(Settings& settings);
// Of backends, in backend_types.cc.
OpenSender read_elasticsearch(Settings& settings, Output::Options& options);
OpenSender read_loki(Settings& settings, Output::Options& options);
OpenSender read_otlp(Settings& settings, Output::Options& options);

const std::vector<OutputType>& output_types();
const std::vector<EncoderType>& encoder_types();

}  // namespace metlog
