#include <CLI/CLI.hpp>
#include <map>

#include "tools/metlog/tune/measure/point.h"

namespace metlog {
namespace {

template <class T>
std::map<std::string, T> by_name(const std::vector<T>& values) {
  std::map<std::string, T> names;
  for (const T value : values) names.emplace(std::string(name_of(value)), value);
  return names;
}

}  // namespace

std::vector<std::string> to_arguments(const PointOptions& options) {
  const Setting& setting = options.setting;
  return {"tune-point",
          "--measure=" + std::to_string(static_cast<int>(options.measure)),
          "--transport=" + std::string(name_of(setting.transport)),
          "--idle=" + std::string(name_of(setting.idle)),
          "--poll-us=" + std::to_string(setting.poll_us),
          "--max-poll-us=" + std::to_string(setting.max_poll_us),
          "--idle-us=" + std::to_string(setting.idle_us),
          "--wakes=" + std::to_string(setting.wakes ? 1 : 0),
          "--batch-bytes=" + std::to_string(setting.batch_bytes),
          "--ring-bytes=" + std::to_string(setting.ring_bytes),
          "--pool=" + std::to_string(setting.pool_size),
          "--threads=" + std::to_string(setting.threads),
          "--size=" + std::to_string(setting.size),
          "--url=" + options.url,
          "--session-directory=" + options.session_directory,
          "--phase-ms=" + std::to_string(options.phase_ms),
          "--rate=" + std::to_string(options.rate)};
}

CLI::App* add_tune_point(CLI::App& app, PointOptions& options) {
  CLI::App* const point = app.add_subcommand("tune-point", "Measure one point for `metlog tune`");
  point->group("");  // not in --help: not for users
  Setting& setting = options.setting;
  point->add_option("--measure", options.measure);
  point->add_option("--transport", setting.transport)
      ->transform(CLI::CheckedTransformer(by_name(all_transports())));
  point->add_option("--idle", setting.idle)
      ->transform(
          CLI::CheckedTransformer(by_name<Idle>({Idle::kSleep, Idle::kYield, Idle::kSpin})));
  point->add_option("--poll-us", setting.poll_us);
  point->add_option("--max-poll-us", setting.max_poll_us);
  point->add_option("--idle-us", setting.idle_us);
  point->add_option("--wakes", setting.wakes);
  point->add_option("--batch-bytes", setting.batch_bytes);
  point->add_option("--ring-bytes", setting.ring_bytes);
  point->add_option("--pool", setting.pool_size);
  point->add_option("--threads", setting.threads);
  point->add_option("--size", setting.size);
  point->add_option("--url", options.url)->required();
  point->add_option("--session-directory", options.session_directory);
  point->add_option("--phase-ms", options.phase_ms);
  point->add_option("--rate", options.rate);
  return point;
}

}  // namespace metlog
