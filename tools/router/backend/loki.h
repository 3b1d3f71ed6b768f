#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/router/backend/body_message.h"
#include "tools/router/decode/message_part.h"
#include "tools/router/encode/layout_text.h"
#include "tools/router/http/answer_reader.h"
#include "tools/router/http/body_encoder.h"

namespace metlog {

/// The body of Loki's push as JSON, of messages that are JSON as they were received. Messages with
/// the same labels are a stream, whose entries are in the order of their times; those of one time
/// keep the order in which they came. A message that has no label with a value has no form, nor has
/// in kLogfmt one with a number that 64 bits and a double do not hold.
class LokiBody final : public BodyEncoder {
 public:
  enum class Line : std::uint8_t {
    kJson,    // the message
    kLogfmt,  // the format of clients
    kText,    // the payload
  };
  using Labels = std::vector<std::pair<std::string, MessageTemplate>>;
  struct Options {
    Labels labels;
    Labels metadata = {};  // structured metadata of each entry
    Line line = Line::kJson;
  };

  explicit LokiBody(Options options)
      : options_(std::move(options)), logfmt_(MessageFormat::kLogfmt, {}) {}

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  void open(std::string& body) override;
  bool add(const BodyItem& item, std::string& body) override;
  void close(std::string& body) override;

 private:
  struct Entry {
    std::int64_t utc_ns;
    std::string json;
  };

  /// The members of the labels that have a value.
  static std::string members_of(const Labels& labels, const DecodedMessage& message);
  std::string line_of(const DecodedMessage& message);

  const Options options_;
  BodyMessage messages_;
  LayoutText logfmt_;
  std::map<std::string, std::vector<Entry>, std::less<>> streams_;  // by the members of labels
};

/// The contract of Loki's push: 2xx is delivered, but 260, by which ingestion is blocked: that is
/// refused. 400, as for an entry that is too old, is about some entry, and Loki has taken the
/// others by then; what is sent again with a smaller body is stored once. The rest as StatusReader
/// has it.
class LokiReader final : public StatusReader {
 protected:
  BodyResult read_success(const HttpAnswer& answer, std::span<ItemResult> items) override;
};

}  // namespace metlog
