// In place of http_load.cc where cpp-httplib is not installed.
#include "bench/host_cost/http_load.h"

namespace metlog {

absl::Status check_http_load() {
  return absl::UnimplementedError(
      "the benchmark was built without cpp-httplib, which serves the requests; apt-get install "
      "libcpp-httplib-dev, and configure and build it again");
}

std::uint64_t run_http_load(const CostCase&, CostSubject&, double, pid_t,
                            Measurement& measurement) {
  measurement.error = std::string(check_http_load().message());
  return 0;
}

}  // namespace metlog
