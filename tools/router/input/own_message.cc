#include "tools/router/input/own_message.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <iterator>

#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

Frame write_own_frame(const OwnMessage& message, std::string& buffer) {
  std::array<char, TimestampText::kBytes> time;
  TimestampText().append(time.data(), message.utc_ns);
  buffer.clear();
  fmt::format_to(
      std::back_inserter(buffer),
      R"({{"type":"{}","timestamp":"{}","logger":"{}","severity":{},"payload":"{}","fields":{},)"
      R"("env_version":"0.8","metlog_pid":{},"metlog_hostname":"{}"}})",
      json_text(message.type), std::string_view(time.data(), time.size()),
      json_text(message.logger), message.severity, json_text(message.payload), message.fields,
      ::getpid(), json_text(host_name()));
  const std::size_t size = buffer.size();
  buffer.append(kFramePadding, '\0');
  return {std::string_view(buffer).substr(0, size), size};
}

}  // namespace metlog
