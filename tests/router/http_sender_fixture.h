#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tools/router/http/http_sender.h"

namespace metlog {

/// Requests that are answered when the test says so.
struct FakeServer {
  struct Request {
    std::uint64_t id;
    std::string body;
    std::vector<std::string> headers;
  };
  std::vector<Request> requests;  // all so far
  std::deque<HttpClient::Done> answers;
  bool is_cancelled = false;

  /// Answers the request that was the `index`-th.
  void answer(std::size_t index, HttpAnswer answer) {
    answers.push_back({requests.at(index).id, std::move(answer)});
  }
  void answer(std::size_t index, int status, std::string header = {}) {
    HttpAnswer what;
    what.status = status;
    if (!header.empty()) what.headers.push_back(std::move(header));
    answer(index, what);
  }
  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const Request& request : requests) all.push_back(request.body);
    return all;
  }
};

class FakeClient final : public HttpClient {
 public:
  explicit FakeClient(FakeServer& server) : server_(server) {}
  void start(std::uint64_t id, const HttpRequest& request) override {
    server_.requests.push_back({id, std::string(request.body), request.headers});
  }
  void wait(std::chrono::nanoseconds) override {}
  std::optional<Done> take_done() override {
    if (server_.answers.empty()) return std::nullopt;
    Done done = std::move(server_.answers.front());
    server_.answers.pop_front();
    return done;
  }
  void cancel_all() override { server_.is_cancelled = true; }

 private:
  FakeServer& server_;
};

/// The items that are not sent, by their index in the body: "3:again 7:refused".
class ItemReader final : public StatusReader {
 protected:
  BodyResult read_success(const HttpAnswer& answer, std::span<ItemResult> items) override {
    if (answer.body == "nonsense") return {.kind = BodyResult::Kind::kAgain};
    if (answer.body.starts_with("partly ")) {
      return {.kind = BodyResult::Kind::kPartly,
              .refused = std::stoul(answer.body.substr(7)),
              .detail = "too old"};
    }
    for (std::size_t i = 0; i < items.size() && i < answer.body.size(); ++i) {
      if (answer.body[i] == 'a') items[i] = {.kind = ItemResult::Kind::kAgain};
      if (answer.body[i] == 'r') items[i] = {.kind = ItemResult::Kind::kRefused};
      if (answer.body[i] == 'm') {
        items[i] = {.kind = ItemResult::Kind::kRefused, .detail = "mapping"};
      }
    }
    return {.kind = BodyResult::Kind::kItems};
  }
};

class HttpSenderTest : public testing::Test {
 protected:
  HttpSender& make(HttpSender::Options options = {}) {
    HttpSender::Parts parts;
    parts.client = std::make_unique<FakeClient>(server_);
    parts.encoder = std::make_unique<LinesBody>("application/x-ndjson");
    parts.reader = std::make_unique<ItemReader>();
    parts.log = log_;
    parts.now = [this] { return now_; };
    parts.random = [] { return 1.0; };  // the longest pause
    sender_ = std::make_unique<HttpSender>(std::move(options), std::move(parts));
    return *sender_;
  }
  /// Goes on until nothing is to be done now.
  void pump() { sender_->idle(); }
  void pass(std::chrono::nanoseconds time) {
    now_ += time;
    pump();
  }
  [[nodiscard]] std::string key(std::size_t request) const {
    for (const std::string& header : server_.requests.at(request).headers) {
      if (header.starts_with("Idempotency-Key: ")) return header;
    }
    return {};
  }
  void expect_settled(Batch& batch, std::uint64_t sent) {
    EXPECT_EQ(sender_->take_settled(), &batch);
    EXPECT_EQ(sender_->take_settled(), nullptr);
    expect_all_accounted_for(batch);
    EXPECT_EQ(batch.sent_count(), sent);
    EXPECT_EQ(log_->counts().in_flight, 0U);
  }

  TempDir directory_;
  FakeServer server_;
  std::shared_ptr<DeliveryLog> log_ = std::make_shared<DeliveryLog>(
      "out", DeadLetterFile::Options{.path = directory_.file("dead")});
  HttpSender::TimePoint now_{std::chrono::hours(1)};
  std::unique_ptr<HttpSender> sender_;
};

}  // namespace metlog
