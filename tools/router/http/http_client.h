#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// A request. The body stays where it is until the answer is there or the client is cancelled.
struct HttpRequest {
  std::string_view body;
  std::vector<std::string> headers;  // "Name: value", beside those of the client
};

/// What came of a request.
struct HttpAnswer {
  int status = 0;         // 200 to 599; 0 when there was no answer
  std::string error;      // of the connection, for a person
  bool was_sent = false;  // some of the request was written, so the receiver may have it
  bool is_cut = false;    // the body is not the whole one: too long, too slow, or broken off
  std::string body;
  std::vector<std::string> headers;  // "Name: value"

  /// Returns the value of the first header of this name, which is given in lower case; null when
  /// there is none.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// Makes requests to one URL, several at a time. Used by one thread.
class HttpClient {
 public:
  struct Done {
    std::uint64_t id = 0;
    HttpAnswer answer;
  };

  virtual ~HttpClient() = default;

  /// Begins a request; take_done() returns it with its id.
  virtual void start(std::uint64_t id, const HttpRequest& request) = 0;
  /// Goes on with the requests, and waits until one of them has, for `limit` at most.
  virtual void wait(std::chrono::nanoseconds limit) = 0;
  /// Returns a request that is done.
  virtual std::optional<Done> take_done() = 0;
  /// Lets go of all requests.
  virtual void cancel_all() = 0;
};

}  // namespace metlog
