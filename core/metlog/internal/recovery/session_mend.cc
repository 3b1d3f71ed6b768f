#include "metlog/internal/recovery/session_mend.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kEarliestNs = 10'957 * kDayNs;  // the year 2000
constexpr std::int64_t kLatestNs = 65'000 * kDayNs;    // the year 2147
// From 100 GHz to 1 MHz.
constexpr std::uint64_t kLeastSlope = (std::uint64_t{1} << 32) / 100;
constexpr std::uint64_t kGreatestSlope = (std::uint64_t{1} << 32) * 1000;
constexpr std::uint64_t kSlopeOfNs = std::uint64_t{1} << 32;

std::uint64_t ticks_of(std::uint64_t slope) {
  return slope == kSlopeOfNs ? monotonic_ns() : ticks();
}

/// The line of this machine since it started, which is that of a process of the same start.
ClockLine line_of_this_machine() {
  const auto read = [] {
    const std::uint64_t now = processor_has_steady_ticks() ? ticks() : monotonic_ns();
    return ClockReading{now, utc_now_ns(), static_cast<std::int64_t>(monotonic_ns())};
  };
  const ClockReading first = read();
  ClockReading second = read();
  while (second.steady_ns - first.steady_ns < ClockFit::kCalibrationNs) second = read();
  return ClockFit(first, second).line();
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

bool is_text(const char* bytes, std::size_t size) {
  const std::size_t length = ::strnlen(bytes, size);
  return length < size && std::all_of(bytes, bytes + length,
                                      [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

bool makes_sense(const ClockLine& line, const SessionHeader& header) {
  if (line.ns_per_tick < kLeastSlope || line.ns_per_tick > kGreatestSlope ||
      line.base_ns < kEarliestNs || line.base_ns > kLatestNs) {
    return false;
  }
  const std::string_view boot(header.boot_id, ::strnlen(header.boot_id, sizeof header.boot_id));
  if (boot.empty() || boot != boot_id()) return true;
  const std::int64_t shown = line.utc_ns(ticks_of(line.ns_per_tick));
  const std::int64_t now = utc_now_ns();
  return shown > now - kDayNs && shown < now + kDayNs;
}

bool mend_clock(SessionHeader& header) {
  // relaxed, all: the process is dead
  const ClockLine line{header.clock_base_ticks.load(Order::kRelaxed),
                       header.clock_base_ns.load(Order::kRelaxed),
                       header.clock_ns_per_tick.load(Order::kRelaxed)};
  if (makes_sense(line, header)) return false;
  const ClockLine own = line_of_this_machine();
  header.clock_base_ticks.store(own.base_ticks, Order::kRelaxed);
  header.clock_base_ns.store(own.base_ns, Order::kRelaxed);
  header.clock_ns_per_tick.store(own.ns_per_tick, Order::kRelaxed);
  return true;
}

bool mend_id(SessionHeader& header, const SessionName& name,
             const std::optional<SessionId>& file_id) {
  const auto has_name = [&name](const std::uint8_t* id) {
    return std::equal(name.id.begin(), name.id.end(), id);
  };
  const bool is_file_id = file_id.has_value() && has_name(file_id->data());
  if (has_name(header.id) &&
      (!is_file_id || std::equal(file_id->begin(), file_id->end(), header.id))) {
    return false;
  }
  std::memset(header.id, 0, sizeof header.id);
  std::copy(name.id.begin(), name.id.end(), header.id);
  if (is_file_id) std::copy(file_id->begin(), file_id->end(), header.id);
  return true;
}

bool mend_app(SessionHeader& header, const SessionName& name) {
  std::string app(header.app, ::strnlen(header.app, sizeof header.app));
  std::replace(app.begin(), app.end(), '/', '_');
  if (app.empty()) app.push_back('_');
  if (app.front() == '.') app.front() = '_';
  if (app == name.app && is_text(header.app, sizeof header.app)) return false;
  std::memset(header.app, 0, sizeof header.app);
  name.app.copy(header.app, sizeof header.app - 1);
  return true;
}

}  // namespace

std::optional<SessionName> parse_session_name(const std::string& name) {
  const std::size_t id_at = name.rfind('.');
  if (id_at == std::string::npos || id_at == 0 || name.size() - id_at - 1 != 16) {
    return std::nullopt;
  }
  const std::size_t pid_at = name.rfind('.', id_at - 1);
  if (pid_at == std::string::npos || pid_at == 0) return std::nullopt;
  SessionName parsed{name.substr(0, pid_at), 0, {}};
  const std::string pid = name.substr(pid_at + 1, id_at - pid_at - 1);
  const std::string digits = name.substr(id_at + 1);
  if (pid.empty() || pid.size() > 9 || pid.find_first_not_of("0123456789") != std::string::npos ||
      digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return std::nullopt;
  }
  parsed.pid = static_cast<std::uint32_t>(std::strtoul(pid.c_str(), nullptr, 10));
  for (std::size_t i = 0; i < parsed.id.size(); ++i) {
    parsed.id[i] =
        static_cast<std::uint8_t>(std::strtoul(digits.substr(2 * i, 2).c_str(), nullptr, 16));
  }
  return parsed;
}

std::string mend_session_header(SessionHeader& header, const SessionName& name,
                                const std::optional<SessionId>& file_id) {
  std::string mended;
  const auto note = [&mended](bool is_mended, const char* field) {
    if (is_mended) absl::StrAppend(&mended, mended.empty() ? "" : ", ", field);
  };
  note(header.magic != kSessionMagic, "magic number");
  note(mend_id(header, name, file_id), "id");
  note(header.pid != name.pid, "process");
  header.pid = name.pid;
  note(mend_app(header, name), "program");
  note(mend_clock(header), "clock");
  const bool has_state = header.state <= SessionState::kDelivered;
  note(!has_state, "state");
  if (!has_state) header.state = SessionState::kInUse;
  const bool has_host = is_text(header.host, sizeof header.host);
  note(!has_host, "host");
  // The version before had no place for it; whoever reads shared memory is on the same host.
  if (!has_host || header.host[0] == '\0') {
    std::memset(header.host, 0, sizeof header.host);
    if (::gethostname(header.host, sizeof header.host - 1) != 0) header.host[0] = '\0';
  }
  return mended;
}

}  // namespace metlog
