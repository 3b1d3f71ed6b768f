#pragma once

#include <cstddef>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"

namespace metlog {

/// Write the fields of the record's context after the message's fields and return the end. They
/// leave out keys that the message has itself, and `name` and `rate` of a metric. `out` has room
/// for record.context_bytes, which is not 0. `args` is from SiteLayout::locate().
char* append_json_context(char* out, bool is_first, const RecordView& record,
                          const SiteLayout& layout, const std::vector<ArgBytes>& args);
char* append_line_context(char* out, const RecordView& record, const SiteLayout& layout,
                          const std::vector<ArgBytes>& args);

}  // namespace metlog
