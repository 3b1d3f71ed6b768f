#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace metlog {

// The parts of messages of RFC 5424 and RFC 3164, which clients and metlogd write alike.

/// The limits of RFC 5424 in bytes.
inline constexpr std::size_t kMaxSyslogHost = 255;
inline constexpr std::size_t kMaxSyslogApp = 48;
inline constexpr std::size_t kMaxSyslogMsgId = 32;
inline constexpr std::size_t kMaxSdName = 32;
/// Of RFC 3164.
inline constexpr std::size_t kMaxSyslogTag = 32;
/// The characters that end a tag.
inline constexpr std::string_view kNotInSyslogTag = "[]:";

/// The characters that are printable and not in the name of a parameter of structured data.
inline constexpr std::string_view kNotInSdName = "= ]\"";

/// The id of the element that has a message's fields. 32473 is the number that is reserved for
/// examples.
inline constexpr std::string_view kSdId = "metlog@32473";

/// Returns the number of a facility, 0 to 23, by its name in syslog.h without LOG_, in any case:
/// `USER`, `local4`. None for an unknown name.
[[nodiscard]] std::optional<int> syslog_facility(std::string_view name);
/// The known names, for messages to humans.
[[nodiscard]] std::string syslog_facilities();

/// Returns the number of `<PRI>`. A severity beyond 0..7 counts as the nearest of them.
[[nodiscard]] int syslog_priority(int facility, std::int64_t severity);

/// True for printable ASCII of at most `max_bytes`, without the `excluded`; also when it is empty.
[[nodiscard]] bool is_ascii_name(std::string_view name, std::size_t max_bytes,
                                 std::string_view excluded);
/// True for NAME@ENTERPRISE_NUMBER, as the id of an element that is not registered must be.
[[nodiscard]] bool is_private_sd_id(std::string_view id);

/// Writes a name of printable ASCII, of the first `max_bytes`, and returns the end: every other
/// byte and those `excluded` become `_`. Writes `absent` for an empty name.
char* append_ascii_name(char* out, std::string_view name, std::size_t max_bytes,
                        std::string_view excluded, std::string_view absent);

/// The maximum of output bytes for each byte of a parameter's text.
inline constexpr std::size_t kParamTextGrowth = 7;

/// Writes the value of a parameter, without its quotes, and returns the end: the text as
/// append_reversible_text() writes it, with a backslash before each `"`, `\` and `]`. A reader that
/// takes these away has the text of a line. `out` has room for kParamTextGrowth * text.size()
/// bytes.
char* append_param_text(char* out, std::string_view text);
/// Writes JSON so: its own escapes stay as they are.
char* append_param_json(char* out, std::string_view json);

/// Writes what append_param_text() writes of the text of which append_line_word() made `word`.
/// `out` has room for twice the word.
char* append_param_of_word(char* out, std::string_view word);

}  // namespace metlog
