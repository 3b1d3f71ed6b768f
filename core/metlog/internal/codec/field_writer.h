#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/field_styles.h"
#include "metlog/internal/text/text_block.h"
#include "metlog/internal/text/written_members.h"

namespace metlog {

/// Writes the fields of records in one of the styles of field_styles.h. `out` has room for a
/// TextBlock more. Used by one thread.
template <class Style>
class FieldWriter {
 public:
  /// Writes the caller's fields, each with its separators, and returns the end. Of those with one
  /// key it writes the last, and none that a metric has itself. `args` is from
  /// SiteLayout::locate().
  char* append(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args);
  /// Writes the name of a metric that its site has, and its value up to the number.
  char* append_metric_start(char* out, const SiteLayout& layout);

 private:
  /// What precedes a value. A call has the same keys each time, almost always.
  struct Start {
    std::string key;
    TextBlock text;  // empty until it is rendered
  };

  static char* append_start(char* out, Start& start, std::string_view key);
  /// Returns those of the site's arguments, and one for append_metric_start().
  Start* starts_of(const SiteLayout& layout);
  static char* write_start(char* out, std::string_view key);
  static char* append_list(char* out, const SiteLayout& layout, const ArgBytes& bytes,
                           WrittenMembers& members);

  std::vector<char> scratch_;
  std::vector<std::vector<Start>> starts_;  // by site; by argument, then that of a metric
};

extern template class FieldWriter<EnvelopeFields>;
extern template class FieldWriter<LineFields>;
extern template class FieldWriter<LogfmtFields>;
extern template class FieldWriter<EcsFields>;
extern template class FieldWriter<GelfFields>;
extern template class FieldWriter<OtelFields>;
extern template class FieldWriter<SyslogFields>;
extern template class FieldWriter<JournalFields>;

}  // namespace metlog
