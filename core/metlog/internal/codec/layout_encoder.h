#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/field_writer.h"
#include "metlog/internal/codec/rendered_layout.h"
#include "metlog/internal/codec/text_body.h"

namespace metlog {

/// Renders records by the layouts of their clients (ClientText::layout). What is equal for all
/// records of a client and a site is rendered once. Used by one thread: the flusher.
class LayoutEncoder final : public Encoder {
 public:
  explicit LayoutEncoder(ProcessText process) : process_(std::move(process)) {}
  LayoutEncoder(const LayoutEncoder&) = delete;  // what it has rendered refers to process_
  LayoutEncoder& operator=(const LayoutEncoder&) = delete;

  /// `text` has a layout.
  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message, std::uint32_t slot) override;

 private:
  /// A record while it is encoded.
  struct Current {
    RenderedLayout& rendered;
    const RecordView& record;
    std::uint32_t ns;  // of the second
    bool goes_in_order;

    [[nodiscard]] const ClientText& client() const { return rendered.client(); }
    [[nodiscard]] LayoutStyle style() const { return rendered.layout().style; }
  };

  char* encode_steps(char* out, const SiteRuns& runs, const Current& current);
  char* encode_early(char* out, const SiteRuns& runs, const Current& current);
  const SiteRuns* other_runs(char* room, const Current& current);
  char* encode_own_origin(char* out, const Current& current);
  char* append_part(char* out, std::size_t index, const Current& current);
  template <class Escaping>
  char* append_body(TextBody<Escaping>& body, char* out, PartKind kind, const Current& current);
  char* append_text_in_order(char* out, const Current& current);
  char* append_text(char* out, PartKind kind, const Current& current);
  char* append_fields(char* out, const Current& current);
  static std::string part_of(std::size_t index, RenderedLayout& rendered, const Message& message);

  const ProcessText process_;
  std::vector<RenderedLayout> clients_;  // by slot
  TextBody<LineEscaping> lines_;
  TextBody<QuotedEscaping> quoted_;
  TextBody<JsonEscaping> json_;
  TextBody<BlockEscaping> blocks_;
  FieldWriter<LineFields> line_fields_;
  FieldWriter<LogfmtFields> logfmt_fields_;
  FieldWriter<EcsFields> ecs_fields_;
  FieldWriter<GelfFields> gelf_fields_;
  FieldWriter<OtelFields> otel_fields_;
  FieldWriter<SyslogFields> syslog_fields_;
  FieldWriter<JournalFields> journal_fields_;
  std::vector<ArgBytes> args_;  // of the current record
};

}  // namespace metlog
