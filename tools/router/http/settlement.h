#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metlog/loss.h"
#include "tools/router/http/answer_reader.h"
#include "tools/router/http/http_body.h"
#include "tools/router/output/delivery_log.h"

namespace metlog {

/// Settles the messages of bodies in their batches, and tells the output's log why some are lost.
/// What is settled is removed from its body. Used by one thread.
class Settlement {
 public:
  explicit Settlement(std::shared_ptr<DeliveryLog> log) : log_(std::move(log)) {}

  static void take(HttpBody& body);
  /// Loses some of the body's messages, or all: `items` is a list of its own.
  void lose(HttpBody& body, const HttpBody::Indexes& items, LossReason reason,
            const std::string& detail) const;

  /// What is to be sent again.
  struct Again {
    HttpBody::Indexes items;
    std::string detail;  // why the last of them was not taken
  };
  /// Settles all of the body by results that are in its order, but for those that are to be sent
  /// again, which are no longer its own then. `detail` says why where a result does not.
  [[nodiscard]] Again settle(HttpBody& body, const std::vector<ItemResult>& results,
                             const std::string& detail) const;
  /// Settles a body of which so many messages are refused, where the answer does not say which: the
  /// last ones count as lost, and all become dead letters that say so.
  void settle_partly(HttpBody& body, std::size_t refused, const std::string& detail) const;

 private:
  const std::shared_ptr<DeliveryLog> log_;
};

}  // namespace metlog
