#pragma once

#include <cstddef>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"

namespace metlog {

/// Write the fields of the record's context behind the message's own, and return the end. A key
/// that the message has itself, or that is one of a metric's own, is left out. `out` has room for
/// record.context_bytes, which is not 0. `args` is the record's, as located by the layout.
char* append_json_context(char* out, bool is_first, const RecordView& record,
                          const SiteLayout& layout, const std::vector<ArgBytes>& args);
char* append_line_context(char* out, const RecordView& record, const SiteLayout& layout,
                          const std::vector<ArgBytes>& args);

}  // namespace metlog
