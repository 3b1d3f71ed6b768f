#pragma once

#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/format_writer.h"

namespace metlog {

/// Writes what a record says as text: the text of a log call, the payload of an event, the count of
/// a counter, the milliseconds of a timer. Used by one thread.
template <class Escaping>
class TextBody {
 public:
  /// Writes a record of which SiteLayout::goes_in_order() is true, and returns the end.
  char* append_in_order(char* out, const RecordView& record) {
    return format_writer_.append_in_order(out, record);
  }
  /// Does the same for any other. `args` is from SiteLayout::locate().
  char* append(char* out, const RecordView& record, const std::vector<ArgBytes>& args,
               TimerResolution timers);

 private:
  char* append_payload(char* out, const ArgLayout& arg, const ArgBytes& bytes);

  FormatWriter<Escaping> format_writer_;
  std::vector<char> scratch_;
};

/// Writes the elapsed time of a timer: microseconds, and nanoseconds if there are any: `0.412 ms`,
/// `0.004213 ms`.
char* append_elapsed(char* out, std::uint64_t ns, TimerResolution resolution);

extern template class TextBody<JsonEscaping>;
extern template class TextBody<LineEscaping>;
extern template class TextBody<QuotedEscaping>;
extern template class TextBody<BlockEscaping>;

}  // namespace metlog
