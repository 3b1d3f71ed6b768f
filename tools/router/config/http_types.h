#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "tools/router/config/output_types.h"
#include "tools/router/config/settings.h"
#include "tools/router/http/http_output.h"

namespace metlog {

// What the rows of outputs that make requests have in common. What an output has set before is the
// preset of its keys `window` and `idempotency_header`.

/// `url`, which is needed.
void read_url(Settings& settings, std::string_view example, HttpOutput& output);
/// The keys of every output that makes requests: time limits, retry, TLS, proxy, window.
void read_requests(Settings& settings, HttpOutput& output);
/// `headers`, and this program's User-Agent where they have none.
void read_headers(Settings& settings, HttpOutput& output);
/// The keys of bodies of many messages. After read_requests().
void read_body(Settings& settings, HttpOutput& output);
/// Reports what is wrong with the settings of requests and needs no look at a disk.
void check_requests(Settings& settings, std::string_view key, const HttpSettings& http);
/// True when the output's encoder writes each message as JSON, as it was received.
bool is_json(Settings& settings);

/// Opens what was read; the files of TLS are looked for then.
OpenSender open_with(const HttpOutput& output,
                     const std::function<std::unique_ptr<BodyEncoder>()>& make_encoder,
                     const std::function<std::unique_ptr<AnswerReader>()>& make_reader,
                     const std::shared_ptr<DeliveryLog>& log);

}  // namespace metlog
