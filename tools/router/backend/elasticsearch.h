#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tools/router/backend/body_message.h"
#include "tools/router/decode/message_part.h"
#include "tools/router/encode/layout_text.h"
#include "tools/router/http/answer_reader.h"
#include "tools/router/http/body_encoder.h"

namespace metlog {

/// The body of Elasticsearch's and OpenSearch's _bulk: for each message, which is JSON as it was
/// received, the action `create` and a document in the format ecs (docs/formats.md). The document's
/// id follows from the message's stream and sequence number, so that it is there once however often
/// it is sent. A message with a number that 64 bits and a double do not hold has no form, nor has
/// one whose index would have no name.
class BulkBody final : public BodyEncoder {
 public:
  /// The most bytes of an index's name.
  static constexpr std::size_t kMaxIndexBytes = 255;

  /// `index` is the name of an index or a data stream: see index_name().
  explicit BulkBody(MessageTemplate index)
      : index_(std::move(index)), documents_(MessageFormat::kEcs, {}) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/x-ndjson"; }
  bool add(const BodyItem& item, std::string& body) override;

 private:
  const MessageTemplate index_;
  BodyMessage messages_;
  LayoutText documents_;
  std::string name_;
};

/// Makes a text the name of an index: lower case; what such a name must not have, and what is not
/// ASCII, becomes `_`; `-`, `_`, `+` and dots at its beginning are removed; cut to kMaxIndexBytes.
/// Empty when nothing is left.
[[nodiscard]] std::string index_name(std::string_view text);

/// The contract of _bulk: a 2xx answer has a result for each message. 2xx is delivered, and so is
/// 409, for the document of this id is there already; 429 and 5xx are sent again, alone; the rest
/// is refused, for the reason that is given. An answer without these results, or without as many,
/// leaves all unknown: the body is sent again, which the ids make harmless. Other statuses are as
/// StatusReader has them.
class BulkReader final : public StatusReader {
 protected:
  BodyResult read_success(const HttpAnswer& answer, std::span<ItemResult> items) override;
};

}  // namespace metlog
