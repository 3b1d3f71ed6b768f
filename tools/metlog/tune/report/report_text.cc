#include "tools/metlog/tune/report/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "metlog/internal/config/json_writer.h"

namespace metlog {
namespace {

/// Of a flusher that sleeps.
std::string sleep_lines(const Setting& setting, const Setting& defaults) {
  std::string lines;
  const auto add_time = [&](const char* option, std::uint64_t Setting::*member) {
    if (setting.*member == defaults.*member) return;
    lines += fmt::format("engine_options.{} = std::chrono::microseconds({});\n", option,
                         setting.*member);
  };
  add_time("poll_interval", &Setting::poll_us);
  add_time("max_poll_interval", &Setting::max_poll_us);
  add_time("idle_interval", &Setting::idle_us);
  if (setting.wakes != defaults.wakes) {
    lines += fmt::format("engine_options.wake_when_filling = {};\n", setting.wakes);
  }
  return lines;
}

std::string engine_lines(const Setting& setting, const Setting& defaults) {
  std::string lines;
  if (setting.ring_bytes != defaults.ring_bytes) {
    lines += fmt::format("engine_options.ring_bytes = {};  // {}\n", setting.ring_bytes,
                         bytes_text(setting.ring_bytes));
  }
  if (setting.idle == Idle::kSleep) lines += sleep_lines(setting, defaults);
  if (lines.empty()) return "";
  return "metlog::EngineOptions engine_options;\n" + lines;
}

std::string client_lines(const Setting& setting, const Setting& defaults) {
  std::string lines;
  if (setting.batch_bytes != defaults.batch_bytes) {
    lines += fmt::format("client_options.batch_bytes = {};  // {}\n", setting.batch_bytes,
                         bytes_text(setting.batch_bytes));
  }
  if (setting.pool_size != defaults.pool_size) {
    lines += fmt::format("client_options.pool_size = {};\n", setting.pool_size);
  }
  if (lines.empty()) return "";
  return "metlog::ClientOptions client_options;\n" + lines;
}

}  // namespace

std::string chosen_code(const Setting& setting) {
  const Setting defaults;
  const std::string engine = engine_lines(setting, defaults);
  const std::string client = client_lines(setting, defaults);
  const std::string url = example_url(setting.transport);
  const std::string arguments =
      fmt::format("(\"{}\"{})", url, client.empty() ? "" : ", client_options");
  if (setting.idle == Idle::kSleep) {
    const std::string configure =
        engine.empty() ? ""
                       : "const absl::Status configured = "
                         "metlog::Engine::configure(engine_options);  // before any open()\n";
    return fmt::format("{}{}{}auto client = metlog::open{};\n", engine, configure, client,
                       arguments);
  }
  std::string parts = "metlog::Engine::Parts parts;\n";
  if (!engine.empty()) parts += "parts.options = engine_options;\n";
  parts += fmt::format("parts.idle = std::make_unique<metlog::{}>();\n",
                       setting.idle == Idle::kSpin ? "SpinIdle" : "YieldIdle");
  parts += "metlog::Engine engine(std::move(parts));  // lives as long as its clients\n";
  return fmt::format("{}{}{}auto client = engine.open{};\n", engine, parts, client, arguments);
}

ValueMap chosen_config(const Setting& setting) {
  const Setting defaults;
  ValueMap config{{"sender_url", example_url(setting.transport)}};
  const auto add = [&](std::string_view key, auto member) {
    if (setting.*member != defaults.*member) config.set(key, setting.*member);
  };
  add("batch_bytes", &Setting::batch_bytes);
  add("pool_size", &Setting::pool_size);
  add("engine_ring_bytes", &Setting::ring_bytes);
  if (setting.idle != Idle::kSleep) return config;
  add("engine_poll_interval_us", &Setting::poll_us);
  add("engine_max_poll_interval_us", &Setting::max_poll_us);
  add("engine_idle_interval_us", &Setting::idle_us);
  add("engine_wake_when_filling", &Setting::wakes);
  return config;
}

std::string only_in_code(const Setting& setting) {
  if (setting.idle == Idle::kSleep) return "";
  return fmt::format("that the flusher {}s has no key: see the C++", name_of(setting.idle));
}

std::string chosen_ini(const Setting& setting) {
  std::string ini = "[metlog]\n";
  for (const ValueEntry& entry : chosen_config(setting)) {
    const std::string* const text = entry.value.as_text();
    ini += fmt::format("{} = {}\n", entry.key, text != nullptr ? *text : to_json(entry.value));
  }
  const std::string note = only_in_code(setting);
  return note.empty() ? ini : ini + "# " + note + '\n';
}

std::string describe(const Setting& setting) {
  const std::string idle = setting.idle == Idle::kSleep
                               ? fmt::format("flusher sleeps {} to {} us, {} us when quiet{}",
                                             setting.poll_us, setting.max_poll_us, setting.idle_us,
                                             setting.wakes ? "" : ", no call wakes it")
                               : fmt::format("flusher {}s", name_of(setting.idle));
  return fmt::format("{}, {}, batch {}, ring {}, {} connection{}", name_of(setting.transport), idle,
                     bytes_text(setting.batch_bytes), bytes_text(setting.ring_bytes),
                     setting.pool_size, setting.pool_size == 1 ? "" : "s");
}

namespace {

std::string three_digits(double value) {
  if (value <= 0) return "0";
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string time_text(double ns) {
  if (ns < 999.5) return three_digits(ns) + " ns";
  if (ns < 999.5e3) return three_digits(ns / 1e3) + " us";
  if (ns < 999.5e6) return three_digits(ns / 1e6) + " ms";
  return three_digits(ns / 1e9) + " s";
}

std::string count_text(double count) {
  if (count < 999.5) return fmt::format("{:.0f}", std::max(count, 0.0));
  if (count < 999.5e3) return three_digits(count / 1e3) + " k";
  return three_digits(count / 1e6) + " M";
}

std::string memory_text(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace metlog
