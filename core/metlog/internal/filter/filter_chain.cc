#include "metlog/internal/filter/filter_chain.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "metlog/internal/codec/statsd_line.h"

namespace metlog {
namespace {

std::size_t count_leading(const std::vector<Filter>& filters) {
  const auto function =
      std::find_if(filters.begin(), filters.end(), [](const Filter& f) { return f.is_function(); });
  return static_cast<std::size_t>(function - filters.begin());
}

}  // namespace

FilterChain::FilterChain(std::vector<Filter> filters, ClientText client, Severity level)
    : filters_(std::move(filters)),
      leading_(count_leading(filters_)),
      client_(std::move(client)),
      level_(level) {}

bool FilterChain::drops_unread(const RecordView& record) {
  if (client_.shows_metrics_only) {
    if (!record.layout->is_metric()) return true;
    record.layout->locate(record, args_);
    if (!has_statsd_line({record, args_, client_})) return true;
  }
  if (leading_ == 0 && level_ == Severity::kTrace) return false;
  const SiteLayout& plan = *record.layout;
  if (plan.overrides_origin) {
    plan.locate(record, args_);
  } else {
    args_.clear();
  }
  const MessageOrigin origin = plan.origin(args_, client_);
  // On the wire TRACE has the number of DEBUG.
  if (level_ != Severity::kTrace &&
      (origin.is_trace || origin.severity > static_cast<std::int64_t>(level_))) {
    return true;
  }
  for (std::size_t i = 0; i < leading_; ++i) {
    if (filters_[i].drops(origin.type, origin.severity)) return true;
  }
  return false;
}

FilterChain::Verdict FilterChain::run(std::string_view envelope, std::int64_t utc_ns,
                                      MessageSource source) {
  if (!has_readers()) return Verdict::kPassed;
  std::optional<Message> message = reader_.read(envelope, utc_ns, std::move(source));
  if (!message.has_value()) return Verdict::kFailed;
  message_ = *std::move(message);
  try {
    for (std::size_t i = leading_; i < filters_.size(); ++i) {
      if (!filters_[i].passes(message_)) return Verdict::kDropped;
    }
  } catch (...) {
    // The caller has returned long ago, so only the ledger can report what was thrown.
    return Verdict::kFailed;
  }
  if (!message_.is_changed()) return Verdict::kPassed;
  const bool has_no_form = client_.shows_metrics_only && statsd_line({}, message_).empty();
  return has_no_form ? Verdict::kDropped : Verdict::kChanged;
}

}  // namespace metlog
