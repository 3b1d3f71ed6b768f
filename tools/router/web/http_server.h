#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/input/input.h"

namespace metlog {

struct HttpRequest {
  std::string method;  // GET or HEAD
  std::string path;    // decoded, without the query
  std::string host;    // of the header, as it was sent; may be empty
  /// The value of a parameter of the query; empty when it is absent.
  std::function<std::string(const std::string& name)> parameter;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
};

/// Answers HTTP requests, one for each connection, on threads of its own. What a peer can take from
/// it is bounded: so many threads, connections that wait, bytes of a request, and time for a
/// request and its answer, which becomes short while others wait. A connection beyond that is
/// closed at once.
class HttpServer {
 public:
  struct Options {
    std::string address;  // HOST:PORT; port 0 lets the kernel choose
    Reach reach = Reach::kLoopbackOnly;
    std::size_t threads = 2;
    std::size_t max_waiting = 64;                // connections
    std::size_t max_request_bytes = 16384;       // with its body, which GET has none of
    std::chrono::milliseconds limit{5000};       // for a request and its answer
    std::chrono::milliseconds short_limit{500};  // the same while others wait
  };
  /// Called by several threads at once; must not throw.
  using Handler = std::function<HttpResponse(const HttpRequest& request)>;

  /// Binds the address. kInvalidArgument for one that is none, kPermissionDenied for one that
  /// `reach` excludes, and the system's errors.
  static absl::StatusOr<std::unique_ptr<HttpServer>> open(Options options);
  virtual ~HttpServer() = default;

  /// Begins to answer. kResourceExhausted if the system refuses a thread. Once.
  virtual absl::Status start(Handler handler) = 0;
  /// Ends all connections and threads; the destructor does it as well.
  virtual void stop() = 0;
  /// The bound address: http://HOST:PORT.
  [[nodiscard]] virtual std::string_view url() const = 0;
};

}  // namespace metlog
