#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "tools/metlogd/options.h"
#include "tools/router/router.h"

namespace metlog {

/// The router that the options ask for, its inputs bound and its outputs open. The status names
/// the option at fault and what to do about it.
absl::StatusOr<std::unique_ptr<Router>> build_router(const Options& options);

}  // namespace metlog
