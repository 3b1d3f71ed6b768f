#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/metlogd/build_router.h"
#include "tools/metlogd/display.h"
#include "tools/metlogd/options.h"
#include "tools/router/config/router_plan.h"

namespace metlog {

/// Reads and checks the configuration that the options name. Reports each error, and each note, on
/// stderr; nothing when there is an error.
std::optional<RouterPlan> read_checked_plan(const Options& options);

/// Does what --check asks for; returns the exit code.
int check_configuration(const Options& options);

/// Writes the process's number to the pid file, if there is one, and removes it at the end. Its
/// neighbours are FILE.status, which says what became of the last reload, and FILE.http, the
/// address of the status server: `metlog reload` and `metlog status` read them.
class PidFile {
 public:
  /// Does nothing for an empty path. kFailedPrecondition when the file names another metlogd that
  /// runs.
  static absl::StatusOr<std::unique_ptr<PidFile>> write(const std::string& path);
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Says where the status server is, in FILE.http: `metlog status` reads it.
  absl::Status set_http(std::string_view url);
  /// Says what became of a reload.
  void set_status(bool is_reloaded, const std::string& text);

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  std::uint64_t reloads_ = 0;
};

/// The bound addresses, each on a line; `http` is that of the status server, if there is one.
std::string endpoints_of(const Router& router, std::string_view http);
/// Writes them to the ready file, if there is one.
absl::Status write_ready_file(const RouterPlan::Process& process, const Router& router,
                              std::string_view http);

/// Reads the configuration again and changes the router to it. When something is wrong with it
/// nothing changes, and stderr and the ledger say so. Does nothing without a configuration file.
void reload(const Options& options, PlannedRouter& planned, PidFile& pid_file, Display& display,
            std::string_view http);

}  // namespace metlog
