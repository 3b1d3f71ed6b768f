#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "metlog/loss.h"
#include "tools/router/http/http_client.h"

namespace metlog {

/// What an answer says of one message of the body.
struct ItemResult {
  enum class Kind : std::uint8_t {
    kSent,
    kAgain,    // not now: it is to be sent again
    kRefused,  // never
  };

  Kind kind = Kind::kSent;
  std::string detail = {};  // why, for a person; what describe() says of the answer when empty
};

/// What an answer says of a body.
struct BodyResult {
  enum class Kind : std::uint8_t {
    kSent,
    kAgain,
    kRefused,  // all of it
    kSplit,    // because of its size, or of some message in it: each half may fare better
    kItems,    // each message has a result of its own
    kPartly,   // some of the messages are refused; the answer does not say which
  };

  Kind kind = Kind::kSent;
  /// How long the receiver wants no request at all; 0 when it does not say.
  std::chrono::nanoseconds pause{0};
  LossReason reason = LossReason::kRefused;  // of kRefused, and of kSplit for a single message
  std::size_t refused = 0;                   // of kPartly: how many messages
  std::string detail = {};  // why, for a person; what describe() says of the answer when empty
};

/// The contract of a receiver: what its answers mean. Used by one thread.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  /// Reads an answer that came; `items` are the results of the body's messages in order, kSent at
  /// first, and are used for kItems.
  virtual BodyResult read(const HttpAnswer& answer, std::span<ItemResult> items) = 0;
  /// False when the receiver has said before that it does not want this message: it is lost as
  /// kRefused. Called before each first request.
  virtual bool takes(std::string_view) { return true; }
};

/// The contract of HTTP itself:
///   2xx                      sent; read_success() may say that some of it is not
///   408, 425, 429, 5xx       again, after Retry-After if the answer has one; is_temporary() may
///                            name others
///   400, 413, 422            split; a single message is refused, 413 as kTooLong
///   all others               refused: no request like it would fare better, nor is one redirected
/// A reader of a receiver that names single messages derives from it.
class StatusReader : public AnswerReader {
 public:
  BodyResult read(const HttpAnswer& answer, std::span<ItemResult> items) final;

 protected:
  /// Reads a 2xx answer. kAgain for one that makes no sense, where the fate of the body is not
  /// known.
  virtual BodyResult read_success(const HttpAnswer&, std::span<ItemResult>) { return {}; }
  /// True for the status of a failure that may pass.
  [[nodiscard]] virtual bool is_temporary(int status) const;
};

/// An answer as text for a person: "HTTP 400: <the beginning of its body>".
std::string describe(const HttpAnswer& answer);

}  // namespace metlog
