#include "tools/router/config/config_errors.h"

#include <algorithm>
#include <tuple>

#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

/// Escapes all but line breaks: an expression is shown on lines of its own.
std::string escape_lines(std::string_view text) {
  std::string escaped;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
    escaped += escape_for_terminal(text.substr(0, end)) + '\n';
    text.remove_prefix(end + 1);
  }
  return escaped + escape_for_terminal(text);
}

}  // namespace

void ConfigErrors::add(const ConfigPlace& place, std::string_view key, std::string_view what) {
  entries_.push_back({place, std::string(key), std::string(what), false});
  ++count_;
}

void ConfigErrors::add_note(const ConfigPlace& place, std::string_view key, std::string_view what) {
  entries_.push_back({place, std::string(key), std::string(what), true});
}

std::vector<std::string> ConfigErrors::lines(bool notes) const {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries_) {
    if (entry.is_note == notes) sorted.push_back(&entry);
  }
  const auto order_of = [](const Entry* entry) {
    const ConfigPlace& place = entry->place;
    return std::tuple(place.source == nullptr ? 0 : place.source->number, place.line, place.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Entry* a, const Entry* b) { return order_of(a) < order_of(b); });
  std::vector<std::string> lines;
  for (const Entry* entry : sorted) {
    std::string line = place_text(entry->place);
    // An option is its own key.
    if (entry->place.line != 0 || line.empty()) {
      line.append(line.empty() ? "" : ": ").append(entry->key);
    }
    line.append(line.empty() ? "" : ": ").append(entry->what);
    lines.push_back(escape_lines(line));
  }
  return lines;
}

}  // namespace metlog
