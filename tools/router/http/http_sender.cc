#include "tools/router/http/http_sender.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/random_id.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// send() waits so long for room; shorter than the contract's 100 ms.
constexpr nanoseconds kRoomWait = milliseconds(50);
// idle() waits for answers: from the first, doubled while nothing comes, up to the contract's 50
// ms. What is new waits for as long, so it grows only with a receiver that is slow itself.
constexpr nanoseconds kFirstIdleWait = milliseconds(1);
constexpr nanoseconds kMaxIdleWait = milliseconds(50);

std::function<double()> own_random() {
  return [engine = std::minstd_rand(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

HttpSender::Parts whole(HttpSender::Parts parts) {
  if (!parts.random) parts.random = own_random();
  return parts;
}

}  // namespace

HttpSender::HttpSender(Options options, Parts parts)
    : options_(std::move(options)),
      parts_(whole(std::move(parts))),
      backoff_(options_.retry, parts_.random),
      maker_(std::move(parts_.encoder), options_.body),
      settlement_(parts_.log),
      name_(id_text(random_id())) {}

SendResult HttpSender::send(Batch& batch) {
  pump(nanoseconds(0));
  if (!has_room_for(batch)) {
    wait_for_progress(kRoomWait);
    if (!has_room_for(batch)) return SendResult::kBusy;
  }
  held_.push_back({&batch, batch.index(), batch.remaining_bytes().size()});
  held_bytes_ += held_.back().bytes;
  pump(nanoseconds(0));
  return SendResult::kHeld;
}

bool HttpSender::has_room_for(const Batch& batch) const {
  if (held_.empty()) return true;
  const bool is_cut = held_.back().next == held_.back().batch->count();
  return is_cut && bodies_.size() < options_.window &&
         held_bytes_ + batch.remaining_bytes().size() <= options_.held_bytes;
}

bool HttpSender::flush(nanoseconds limit) {
  const TimePoint end = parts_.now() + limit;
  pump(nanoseconds(0));
  while (!bodies_.empty() || first_uncut() != nullptr) {
    const nanoseconds left = end - parts_.now();
    if (left <= nanoseconds(0)) return false;
    wait_for_progress(std::min(left, kRoomWait));
  }
  return true;
}

nanoseconds HttpSender::idle() {
  pump(nanoseconds(0));
  if (in_flight_ == 0) return until_next_start();
  idle_wait_ = std::clamp(idle_wait_ * 2, kFirstIdleWait, kMaxIdleWait);
  pump(std::min(idle_wait_, until_next_start()));
  return nanoseconds(0);
}

/// Waits until there is an answer or a request can be started, for `limit` at most.
void HttpSender::wait_for_progress(nanoseconds limit) {
  const nanoseconds wait = std::min(limit, until_next_start());
  if (in_flight_ == 0) std::this_thread::sleep_for(wait);
  pump(wait);
}

Batch* HttpSender::take_settled() {
  const auto settled = std::find_if(held_.begin(), held_.end(), [](const Held& held) {
    return held.next == held.batch->count() && held.batch->is_done();
  });
  if (settled == held_.end()) return nullptr;
  Batch* const batch = settled->batch;
  held_bytes_ -= settled->bytes;
  held_.erase(settled);
  return batch;
}

void HttpSender::abandon() {
  parts_.client->cancel_all();
  for (const auto& body : bodies_) {
    if (body->in_flight) {
      parts_.log->note_answered(body->items.size());
      body->may_have_arrived = true;
    }
    settlement_.lose(*body, Indexes(body->items), LossReason::kExpired, "not answered by the end");
  }
  bodies_.clear();
  held_.clear();
  held_bytes_ = 0;
  in_flight_ = 0;
}

HttpSender::Held* HttpSender::first_uncut() {
  for (Held& held : held_) {
    if (held.next < held.batch->count()) return &held;
  }
  return nullptr;
}

/// Makes a body of the next messages of the batch.
void HttpSender::cut(Held& held) {
  Indexes items;
  std::size_t bytes = 0;
  for (; held.next < held.batch->count() && items.size() < options_.body_messages; ++held.next) {
    const std::string_view message = held.batch->message_at(held.next);
    if (!parts_.reader->takes(message)) {
      const auto index = static_cast<std::uint32_t>(held.next);
      parts_.log->explain({.batch = held.batch->number,
                           .messages = {index},
                           .attempts = 0,
                           .was_sent_unanswered = false,
                           .detail = "the receiver has asked for nothing more of it"});
      held.batch->lose_at(held.next, LossReason::kRefused);
      continue;
    }
    bytes += message.size() + 1;
    if (bytes > options_.body_bytes && !items.empty()) break;
    items.push_back(static_cast<std::uint32_t>(held.next));
  }
  if (items.empty()) return;
  HttpBody& body = add_body(*held.batch, std::move(items));
  body.splits_left = std::make_shared<std::uint32_t>(options_.split_limit);
}

HttpBody& HttpSender::add_body(Batch& batch, Indexes items) {
  HttpBody& body = *bodies_.emplace_back(std::make_unique<HttpBody>());
  body.id = next_id_++;
  body.batch = &batch;
  body.items = std::move(items);
  body.key = absl::StrCat(name_, "-", body.id);
  return body;
}

/// Starts what is due, waits for answers if there are any to come, and settles them.
void HttpSender::pump(nanoseconds limit) {
  start_due();
  if (in_flight_ == 0) return;
  parts_.client->wait(limit);
  while (const std::optional<HttpClient::Done> done = parts_.client->take_done()) {
    settle(done->id, done->answer);
    idle_wait_ = nanoseconds(0);
  }
  if (idle_wait_ == nanoseconds(0)) start_due();
}

void HttpSender::start_due() {
  const TimePoint now = parts_.now();
  if (now >= resume_at_) {
    for (std::size_t i = 0; i < bodies_.size() && in_flight_ < options_.window; ++i) {
      if (!bodies_[i]->in_flight && bodies_[i]->due <= now) start(*bodies_[i]);
    }
  }
  remove_empty();
  while (now >= resume_at_ && bodies_.size() < options_.window) {
    Held* const held = first_uncut();
    if (held == nullptr) break;
    const std::size_t before = bodies_.size();
    cut(*held);
    if (bodies_.size() > before) start(*bodies_.back());
    remove_empty();
  }
}

void HttpSender::start(HttpBody& body) {
  if (maker_.is_needed(body)) {
    const Indexes without_form = maker_.make(body);
    if (!without_form.empty()) {
      settlement_.lose(body, without_form, LossReason::kFormatterFailed,
                       "the body has no form of it");
    }
    if (body.items.empty()) return;
  }
  if (!body.first_start) body.first_start = parts_.now();
  parts_.log->note_sent(body.items.size(), body.attempts > 0);
  ++body.attempts;
  body.in_flight = true;
  ++in_flight_;
  parts_.client->start(body.id, {body.bytes, body.headers});
}

/// Returns the time until a request can be started without an answer before it; max() when none
/// waits.
nanoseconds HttpSender::until_next_start() const {
  TimePoint next = TimePoint::max();
  if (in_flight_ < options_.window) {
    for (const auto& body : bodies_) {
      if (!body->in_flight) next = std::min(next, body->due);
    }
    const bool is_cut = held_.empty() || held_.back().next == held_.back().batch->count();
    if (!is_cut && bodies_.size() < options_.window) next = TimePoint();
  }
  if (next == TimePoint::max()) return nanoseconds::max();
  return std::max(std::max(next, resume_at_) - parts_.now(), nanoseconds(0));
}

void HttpSender::settle(std::uint64_t id, const HttpAnswer& answer) {
  const auto found = std::find_if(bodies_.begin(), bodies_.end(),
                                  [id](const auto& body) { return body->id == id; });
  if (found == bodies_.end()) return;
  HttpBody& body = **found;
  body.in_flight = false;
  --in_flight_;
  parts_.log->note_answered(body.items.size());
  if (answer.status == 0) {
    body.may_have_arrived |= answer.was_sent;
    fail(body, nanoseconds(0), LossReason::kNoReceiver, describe(answer));
    return remove_empty();
  }
  std::vector<ItemResult> items(body.items.size());
  const BodyResult result = parts_.reader->read(answer, items);
  if (result.pause > nanoseconds(0)) {
    resume_at_ = std::max(resume_at_, parts_.now() + backoff_.within_limit(result.pause));
  }
  const std::string detail = result.kind == BodyResult::Kind::kSent ? ""
                             : result.detail.empty()                ? describe(answer)
                                                                    : result.detail;
  switch (result.kind) {
    case BodyResult::Kind::kSent:
      Settlement::take(body);
      break;
    case BodyResult::Kind::kAgain:
      fail(body, result.pause, LossReason::kRefused, detail);
      break;
    case BodyResult::Kind::kSplit:
    case BodyResult::Kind::kRefused:
      if (result.kind == BodyResult::Kind::kSplit && split(body)) break;
      settlement_.lose(body, Indexes(body.items),
                       body.items.size() == 1 ? result.reason : LossReason::kRefused, detail);
      break;
    case BodyResult::Kind::kItems:
      settle_items(body, items, detail);
      break;
    case BodyResult::Kind::kPartly:
      settlement_.settle_partly(body, result.refused, detail);
      break;
  }
  remove_empty();
}

void HttpSender::settle_items(HttpBody& body, const std::vector<ItemResult>& results,
                              const std::string& detail) {
  Settlement::Again again = settlement_.settle(body, results, detail);
  if (again.items.empty()) return;
  // Another body, and so another key.
  HttpBody& rest = add_body(*body.batch, std::move(again.items));
  rest.attempts = body.attempts;
  rest.failures = body.failures;
  rest.first_start = body.first_start;
  rest.splits_left = body.splits_left;
  fail(rest, nanoseconds(0), LossReason::kRefused, again.detail);
}

/// After a failure that may pass: waits for another attempt, or gives up.
void HttpSender::fail(HttpBody& body, nanoseconds asked, LossReason reason,
                      const std::string& detail) {
  ++body.failures;
  const TimePoint now = parts_.now();
  const Failures failures{body.failures, now - body.first_start.value_or(now)};
  if (const std::optional<nanoseconds> pause = backoff_.pause(failures, asked)) {
    body.due = now + *pause;
    parts_.log->note_error(detail);
  } else {
    settlement_.lose(body, Indexes(body.items), reason, detail);
  }
}

/// Cuts the body in halves; false when it is to be lost whole.
bool HttpSender::split(HttpBody& body) {
  if (body.items.size() < 2 || *body.splits_left == 0) return false;
  --*body.splits_left;
  const auto middle = body.items.begin() + static_cast<std::ptrdiff_t>(body.items.size() / 2);
  for (Indexes half : {Indexes(body.items.begin(), middle), Indexes(middle, body.items.end())}) {
    HttpBody& part = add_body(*body.batch, std::move(half));
    part.attempts = body.attempts;
    part.may_have_arrived = body.may_have_arrived;
    part.splits_left = body.splits_left;
  }
  body.items.clear();
  return true;
}

void HttpSender::remove_empty() {
  std::erase_if(bodies_, [](const auto& body) { return body->items.empty(); });
}

}  // namespace metlog
