#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/http/http_client.h"
#include "tools/router/http/http_settings.h"

namespace metlog {

/// Makes requests by libcurl, over connections that are kept: HTTP/1.1, no redirects, no cookies,
/// no compressed answers, and no wait for "100 Continue".
class CurlClient final : public HttpClient {
 public:
  /// kUnavailable when libcurl.so.4 cannot be loaded.
  static absl::StatusOr<std::unique_ptr<HttpClient>> open(const HttpUrl& url,
                                                          HttpSettings settings);
  ~CurlClient() override;

  void start(std::uint64_t id, const HttpRequest& request) override;
  void wait(std::chrono::nanoseconds limit) override;
  std::optional<Done> take_done() override;
  void cancel_all() override;

 private:
  struct Transfer;  // has libcurl's types
  struct Multi;

  CurlClient(const HttpUrl& url, HttpSettings settings);
  Transfer& free_transfer();
  void prepare(Transfer& transfer) const;
  void finish(Transfer& transfer, int result);

  const std::string url_;
  const HttpSettings settings_;
  const std::unique_ptr<Multi> multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Done> done_;
};

}  // namespace metlog
