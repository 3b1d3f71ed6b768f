#include "tools/metlog/tune/report/html_report.h"

#include <string_view>

#include "tools/metlog/tune/report/tune_json.h"
#include "tools/metlog/tune/report/tune_table.h"
#include "tools/page/page.h"

namespace metlog {

// tune_page.js, of which CMake makes a source.
extern const std::string_view kTunePageScript;

std::string to_html(const TuneResult& result) {
  return to_html(
      Page{"metlog tune", kTunePageScript, to_json(result), to_text(result, /*coloured=*/false)});
}

}  // namespace metlog
