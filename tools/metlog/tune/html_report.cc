#include "tools/metlog/tune/html_report.h"
namespace metlog {
std::string to_html(const TuneResult&) { return ""; }
}  // namespace metlog
