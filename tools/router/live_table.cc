#include "tools/router/live_table.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "metlog/internal/text/severity_names.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"

namespace metlog {
namespace {

struct KeyView {
  std::string_view type;
  std::string_view logger;
  std::int64_t severity;

  friend bool operator==(const KeyView&, const KeyView&) = default;

  template <class H>
  friend H AbslHashValue(H hash, const KeyView& key) {
    hash = H::combine_contiguous(std::move(hash), key.type.data(), key.type.size());
    hash = H::combine_contiguous(std::move(hash), key.logger.data(), key.logger.size());
    return H::combine(std::move(hash), key.type.size(), key.severity);
  }
};

struct Key {
  std::string type;
  std::string logger;
  std::int64_t severity;

  [[nodiscard]] KeyView view() const { return {type, logger, severity}; }
};

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(const KeyView& key) const { return absl::Hash<KeyView>()(key); }
  std::size_t operator()(const Key& key) const { return (*this)(key.view()); }
};

struct KeyEqual {
  using is_transparent = void;
  bool operator()(const Key& a, const Key& b) const { return a.view() == b.view(); }
  bool operator()(const Key& a, const KeyView& b) const { return a.view() == b; }
  bool operator()(const KeyView& a, const Key& b) const { return a == b.view(); }
};

struct Count {
  std::uint64_t total = 0;
  std::uint64_t before = 0;  // at the end of the last interval
  double per_second = 0;
};

constexpr std::int64_t kNoSeverity = -1;

std::string severity_name(std::int64_t severity) {
  return severity == kNoSeverity ? "-" : severity_text(severity);
}

std::string rate_text(double per_second) {
  return per_second > 0 && per_second < 10
             ? fmt::format("{:.1f}", per_second)
             : grouped(static_cast<std::uint64_t>(std::llround(per_second)));
}

std::string pad(std::string text, std::size_t width) {
  text.append(width - std::min(width, width_of(text)), ' ');
  return text;
}

/// Adds one line of the table, cut to the style's width without counting the colour codes.
void add_line(std::string& out, const LiveTable::Style& style, std::string_view text,
              std::string_view colour = "") {
  const bool coloured = style.colours && !colour.empty();
  if (coloured) out += colour;
  out += cut_to_width(text, style.width);
  if (coloured) out += "\x1b[0m";
  out += '\n';
}

std::string totals(const RouterLedger& ledger, double per_second) {
  std::string text = fmt::format("received {} ({}/s)  rejected {}  lost {}  kernel drops {}",
                                 grouped(ledger.messages()), rate_text(per_second),
                                 grouped(ledger.rejected_total()), grouped(ledger.lost_total()),
                                 grouped(ledger.kernel_drops()));
  const auto add = [&text](std::string_view name, std::uint64_t count) {
    if (count != 0) text += fmt::format("  {} {}", name, grouped(count));
  };
  add("damaged frames", ledger.frames.damaged_total());
  add("lost by clients", ledger.client_losses.lost);
  add("missing", ledger.sequence.missing);
  add("of these at the start", ledger.sequence.missing_at_start);
  add("unknown at the start", ledger.sequence.unknown_at_start);
  add("late frames", ledger.sequence.late_frames);
  add("handshakes", ledger.handshakes());
  add("reloads", ledger.reloads);
  add("refused reloads", ledger.refused_reloads);
  return text;
}

}  // namespace

struct LiveTable::Counts {
  using Map = absl::flat_hash_map<Key, Count, KeyHash, KeyEqual>;
  using Row = std::pair<const Key*, const Count*>;

  Map map;
  Map::value_type* last = nullptr;  // counted last; messages of one kind often come in a row
  Key other_key{"__other__", "__other__", kNoSeverity};
  Count other;

  /// Returns up to `max_rows` of the busiest rows: by rate, then by total, then by name.
  [[nodiscard]] std::vector<Row> busiest(std::size_t max_rows) const {
    std::vector<Row> rows;
    rows.reserve(map.size() + 1);
    for (const auto& [key, count] : map) rows.emplace_back(&key, &count);
    if (other.total != 0) rows.emplace_back(&other_key, &other);
    const std::size_t kept = std::min(max_rows, rows.size());
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(rows.begin(), middle, rows.end(), is_busier);
    rows.resize(kept);
    return rows;
  }

  static bool is_busier(const Row& a, const Row& b) {
    if (a.second->per_second != b.second->per_second) {
      return a.second->per_second > b.second->per_second;
    }
    if (a.second->total != b.second->total) return a.second->total > b.second->total;
    return std::tie(a.first->type, a.first->logger, a.first->severity) <
           std::tie(b.first->type, b.first->logger, b.first->severity);
  }

  [[nodiscard]] std::size_t row_count() const { return map.size() + (other.total != 0 ? 1 : 0); }
};

LiveTable::LiveTable() : counts_(std::make_unique<Counts>()) {}
LiveTable::~LiveTable() = default;

void LiveTable::add(std::string_view type, std::string_view logger, std::int64_t severity) {
  const KeyView key{type.substr(0, kMaxNameBytes), logger.substr(0, kMaxNameBytes), severity};
  if (counts_->last != nullptr && counts_->last->first.view() == key) {
    ++counts_->last->second.total;
    return;
  }
  const auto found = counts_->map.find(key);
  if (found != counts_->map.end()) {
    ++found->second.total;
    counts_->last = &*found;
  } else if (counts_->map.size() >= kMaxKeys) {
    ++counts_->other.total;
  } else {
    counts_->last = nullptr;  // the map may move its entries
    Key owned{std::string(key.type), std::string(key.logger), severity};
    counts_->map.try_emplace(std::move(owned)).first->second.total = 1;
  }
}

void LiveTable::end_interval(double seconds, std::uint64_t messages) {
  const auto end = [seconds](Count& count) {
    count.per_second = static_cast<double>(count.total - count.before) / seconds;
    count.before = count.total;
  };
  for (auto& entry : counts_->map) end(entry.second);
  end(counts_->other);
  per_second_ = static_cast<double>(messages - messages_before_) / seconds;
  messages_before_ = messages;
}

std::vector<LiveTable::Row> LiveTable::busiest(std::size_t max_rows) const {
  std::vector<Row> rows;
  for (const auto& [key, count] : counts_->busiest(max_rows)) {
    rows.push_back({key->type, key->logger, key->severity, count->total, count->per_second});
  }
  return rows;
}

std::string LiveTable::render(const RouterLedger& ledger, const Style& style) const {
  std::string out;
  add_line(out, style, "metlogd  " + totals(ledger, per_second_), "\x1b[1m");
  const std::string rejected = counts_text<RejectReason>(ledger.rejected);
  if (!rejected.empty()) add_line(out, style, "rejected: " + rejected, "\x1b[31m");
  const std::vector<Counts::Row> rows = counts_->busiest(style.rows);
  std::size_t type_width = 4;
  for (const Counts::Row& row : rows) {
    type_width = std::max(type_width, width_of(escape_for_terminal(row.first->type)));
  }
  type_width = std::min<std::size_t>(type_width, 24);
  add_line(out, style,
           fmt::format("{:>10} {:>14}  {:<{}}  {}  {}", "rate/s", "total", "severity",
                       kSeverityWidth, pad("type", type_width), "logger"));
  for (const auto& [key, count] : rows) {
    const std::string type = cut_to_width(escape_for_terminal(key->type), type_width);
    const std::string line =
        fmt::format("{:>10} {:>14}  {:<{}}  {}  {}", rate_text(count->per_second),
                    grouped(count->total), severity_name(key->severity), kSeverityWidth,
                    pad(type, type_width), escape_for_terminal(key->logger));
    add_line(out, style, line, severity_colour(key->severity));
  }
  if (counts_->row_count() > rows.size()) {
    add_line(out, style, fmt::format("and {} more", grouped(counts_->row_count() - rows.size())));
  }
  return out;
}

std::string LiveTable::render_line(const RouterLedger& ledger) const {
  std::string out = totals(ledger, per_second_);
  for (const auto& [key, count] : counts_->busiest(3)) {
    out += fmt::format("  {}/{}/{} {}/s", escape_for_terminal(key->type),
                       escape_for_terminal(key->logger), severity_name(key->severity),
                       rate_text(count->per_second));
  }
  return out + '\n';
}

}  // namespace metlog
