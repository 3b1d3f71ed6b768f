#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/formatter.h"
#include "metlog/internal/codec/rendered_layout.h"
#include "metlog/message.h"

namespace metlog {

/// Compiles FormatOptions::add: `level,file:code.file,line`. Null for an empty one.
/// kInvalidArgument names the part that is wrong, and what is near, or a format that takes none.
absl::StatusOr<std::shared_ptr<const Layout>> make_additions(MessageFormat format,
                                                             std::string_view add);

/// What clients add to their envelopes or lines (ClientText::additions): members `,"name":value`,
/// or fields ` name=value`. Used by one thread.
class Additions {
 public:
  explicit Additions(ProcessText process) : process_(std::move(process)) {}
  Additions(const Additions&) = delete;  // what it has rendered refers to process_
  Additions& operator=(const Additions&) = delete;

  /// Introduces a client, which may have none.
  void set_client(std::uint32_t slot, const ClientText& client);
  /// What these add at most to a message, and for each byte of its place.
  [[nodiscard]] std::size_t bytes(std::uint32_t slot) const;
  [[nodiscard]] std::size_t place_factor(std::uint32_t slot) const;

  /// Write the additions of a client that has some, and return the end. `args` is from
  /// SiteLayout::locate() if the record overrides its origin.
  char* append(char* out, const RecordView& record, const std::vector<ArgBytes>& args,
               std::uint32_t slot);
  /// Returns them for a message that is a value already; nothing for a client without.
  std::string of(std::string_view type, std::string_view logger, std::int64_t severity,
                 const MessageSource& from, std::uint32_t slot);

 private:
  char* append_all(char* out, RenderedLayout& rendered, const PartSource& source,
                   const ThreadText* thread);

  const ProcessText process_;
  std::vector<std::unique_ptr<RenderedLayout>> clients_;  // by slot; null for none
};

}  // namespace metlog
