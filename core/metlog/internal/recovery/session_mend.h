#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "metlog/internal/session/session.h"

namespace metlog {

using SessionId = std::array<std::uint8_t, 16>;

/// What the name of a session's directory says, PROGRAM.PID.ID; the name has half of the id.
struct SessionName {
  std::string app;
  std::uint32_t pid;
  std::array<std::uint8_t, 8> id;
};
/// Returns nothing for a name that metlog does not give.
std::optional<SessionName> parse_session_name(const std::string& name);

/// Puts in the place of what makes no sense in a header what the directory's name, the session's
/// other files (`file_id`, if they say one) and this machine know: the id, the process, its clock.
/// Returns the names of these fields, for a person; empty for none.
std::string mend_session_header(SessionHeader& header, const SessionName& name,
                                const std::optional<SessionId>& file_id);

}  // namespace metlog
