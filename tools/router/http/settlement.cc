#include "tools/router/http/settlement.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace metlog {

using Indexes = HttpBody::Indexes;

void Settlement::take(HttpBody& body) {
  for (const std::uint32_t index : body.items) body.batch->take_at(index);
  body.items.clear();
}

void Settlement::lose(HttpBody& body, const Indexes& items, LossReason reason,
                      const std::string& detail) const {
  log_->explain({.batch = body.batch->number,
                 .messages = items,
                 .attempts = body.attempts,
                 .was_sent_unanswered = body.may_have_arrived,
                 .detail = detail});
  for (const std::uint32_t index : items) body.batch->lose_at(index, reason);
  std::erase_if(body.items, [&](std::uint32_t index) {
    return std::binary_search(items.begin(), items.end(), index);
  });
}

Settlement::Again Settlement::settle(HttpBody& body, const std::vector<ItemResult>& results,
                                     const std::string& detail) const {
  const auto why = [&](const std::string& own) { return own.empty() ? detail : own; };
  Again again;
  std::map<std::string, Indexes> refused;  // by reason
  for (std::size_t i = 0; i < body.items.size(); ++i) {
    const std::uint32_t index = body.items[i];
    if (results[i].kind == ItemResult::Kind::kSent) {
      body.batch->take_at(index);
    } else if (results[i].kind == ItemResult::Kind::kAgain) {
      again.items.push_back(index);
      again.detail = why(results[i].detail);
    } else {
      refused[why(results[i].detail)].push_back(index);
    }
  }
  for (const auto& [reason, items] : refused) lose(body, items, LossReason::kRefused, reason);
  body.items.clear();
  return again;
}

void Settlement::settle_partly(HttpBody& body, std::size_t refused,
                               const std::string& detail) const {
  const std::size_t count = body.items.size();
  if (refused == 0) return take(body);
  if (refused >= count) return lose(body, Indexes(body.items), LossReason::kRefused, detail);
  log_->explain({.batch = body.batch->number,
                 .messages = body.items,
                 .attempts = body.attempts,
                 .detail = absl::StrCat(refused, " of these ", count, " refused: ", detail),
                 .is_undecided = true});
  for (std::size_t i = 0; i < count; ++i) {
    if (i < count - refused) {
      body.batch->take_at(body.items[i]);
    } else {
      body.batch->lose_at(body.items[i], LossReason::kRefused);
    }
  }
  body.items.clear();
}

}  // namespace metlog
