#pragma once

#include <sys/types.h>

#include <string_view>

#include "tools/router/config/input_types.h"
#include "tools/router/config/output_types.h"

namespace metlog {

// Rows of output_types(), encoder_types() and input_types(): files, syslog, CEF, TCP, statsd.

/// `path` may depend on the message; see PathTemplate and RoutedFileSender. A path that depends on
/// nothing, without further keys, is that of FileSender, and may be a pipe.
OpenSender read_file_output(Settings& settings, Output::Options& options);
/// `address`: udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH.
OpenSender read_syslog_output(Settings& settings, Output::Options& options);
/// `address`: HOST:PORT.
OpenSender read_tcp_output(Settings& settings, Output::Options& options);
OpenSender read_statsd_output(Settings& settings, Output::Options& options);
/// Sums of counters and timers that the status server shows.
OpenSender read_prometheus_output(Settings& settings, Output::Options& options);

/// A format of clients, with its options as in their URLs.
MakeEncoder read_pattern_encoder(Settings& settings);
MakeEncoder read_logfmt_encoder(Settings& settings);
MakeEncoder read_ecs_encoder(Settings& settings);
MakeEncoder read_gelf_encoder(Settings& settings);
MakeEncoder read_otel_encoder(Settings& settings);
MakeEncoder read_text_encoder(Settings& settings);
MakeEncoder read_statsd_encoder(Settings& settings);
MakeEncoder read_rfc5424_encoder(Settings& settings);
MakeEncoder read_rfc3164_encoder(Settings& settings);
MakeEncoder read_cef_encoder(Settings& settings);

/// Permissions as chmod(1) takes them, in octal digits.
mode_t read_permissions(Settings& settings, std::string_view key, mode_t preset);

OpenInputs read_statsd_input(Settings& settings, const InputLimits& limits);

}  // namespace metlog
