#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/formatter.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "metlog/severity.h"

namespace metlog {

// What make_sender(name) does, in three steps: a URL is parsed once and then passed on.

/// Returns the URL of a destination; `name` is a URL or one of the reference's class names. Errors
/// as make_sender(). Defined in senders/.
absl::StatusOr<Url> sender_url(std::string_view name);

/// The format of messages, for a destination whose receivers know one only: `syslog:`. Defined in
/// senders/.
std::optional<MessageFormat> format_of(const Url& url);

/// True for a destination that can ask its reader, with `batch=auto`, whether it takes batched
/// frames. Defined in senders/.
bool can_ask_for_batches(const Url& url);

/// Takes `format=json` and the like out of a URL, with the options of formats: `pattern`, `time`
/// (utc, local), `color` (auto, always, never), `add`, `numbers`, `facility`, `app`, `rfc`, `sd_id`
/// and `prefix`. Returns the format; what the URL does not say is that of `preset`, whose options
/// hold as far as the format is the same. A destination with a format of its own has that, whatever
/// `preset` is; another one in the URL, or a function as `preset`, is kInvalidArgument. JSON lines
/// go in batched frames where the reader asks for them, unless the URL says how (`batch=`).
/// kInvalidArgument for another value, for an option that the format does not have, and for
/// anything but JSON lines in batched frames: readers of frames expect JSON lines.
absl::StatusOr<Formatter> take_format(Url& url, const Formatter& preset);

/// Takes the options of take_format() out of a URL.
void drop_format(Url& url);

/// Decides Colors::kAuto: the format as it is written to this destination.
Formatter shown_on(std::string_view url, const Formatter& format);

/// Takes the option `id=1` out of a URL and returns it; returns `preset` when it is absent.
/// kInvalidArgument for another value than 0 and 1.
absl::StatusOr<bool> take_ids(Url& url, bool preset);

/// What one destination takes of a client's messages.
struct DestinationRules {
  Severity level = Severity::kTrace;  // less severe messages do not go there
  bool is_waited_for = false;         // the client's other destinations wait while it is full
  bool is_optional = false;           // the client does without it if it cannot be opened
  bool is_one_of_several = false;     // else the last two have no meaning
};

/// Takes the option `level` out of a URL and, for one of several destinations, `when_full` (drop,
/// block) and `optional` (0, 1). What the URL does not say stays. kInvalidArgument names the option
/// and what it takes.
absl::Status take_rules(Url& url, DestinationRules& rules);

/// Makes the sender of a parsed URL. Errors as make_sender(). Defined in senders/.
absl::StatusOr<std::unique_ptr<Sender>> make_sender(const Url& url);

/// What make_sender() would find wrong with the URL itself, kInvalidArgument; opens nothing and
/// resolves no name. Defined in senders/.
absl::Status check_sender(const Url& url);

}  // namespace metlog
