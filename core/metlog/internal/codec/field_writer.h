#pragma once

#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/field_styles.h"
#include "metlog/internal/text/written_members.h"

namespace metlog {

/// Writes the fields of records in one of the styles of field_styles.h. Used by one thread.
template <class Style>
class FieldWriter {
 public:
  /// Writes the caller's fields, each with its separators, and returns the end. Of those with one
  /// key it writes the last, and none that a metric has itself. `args` is from
  /// SiteLayout::locate().
  char* append(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args);

 private:
  static char* append_list(char* out, const SiteLayout& layout, const ArgBytes& bytes,
                           WrittenMembers& members);

  std::vector<char> scratch_;
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
