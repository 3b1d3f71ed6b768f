// A destination of the program, given in code and by its name in a configuration.

#include <metlog/metlog.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

class Pager final : public metlog::Sender {
 public:
  explicit Pager(std::string number) : number_(std::move(number)) {}

  // One thread at a time. Never throws, and waits for about 100 ms at most: kBusy keeps the rest.
  metlog::SendResult send(metlog::Batch& batch) override {
    while (!batch.is_done()) {
      if (page(batch.message(0))) {
        batch.take_messages(1);  // counts as sent
      } else {
        batch.lose_message(metlog::LossReason::kRefused);
      }
    }
    return metlog::SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds /*limit*/) override { return true; }  // nothing is kept
  [[nodiscard]] std::string_view url() const override { return "pager:"; }

 private:
  bool page(std::string_view message) {
    if (number_.empty()) return false;
    std::printf("page %s: %.*s\n", number_.c_str(), static_cast<int>(message.size()),
                message.data());
    return true;
  }

  std::string number_;
};

// `sender_class = shop.Pager` with `sender_number = 4711`; also for metlog::open().
absl::StatusOr<metlog::SenderSpec> plan_pager(const metlog::Arguments& arguments) {
  const metlog::Value* const number = arguments.named.find("number");
  if (number == nullptr || number->as_integer() == nullptr) {
    return absl::InvalidArgumentError("lacks the number, an integer");
  }
  metlog::SenderSpec plan;
  plan.format = metlog::MessageFormat::kText;
  // Called for each connection, and again in a forked child.
  plan.connect = [text = std::to_string(*number->as_integer())] {
    return std::make_unique<Pager>(text);
  };
  return plan;
}

constexpr const char* kConfiguration = R"(
    [shop]
    sender_class = shop.Pager
    sender_number = 4711
)";

}  // namespace

int main() {
  metlog::providers().senders.add("shop.Pager", plan_pager).IgnoreError();  // the name is ours
  absl::StatusOr<metlog::Client> by_name = metlog::client_from_text_config(kConfiguration, "shop");
  if (!by_name.ok()) {
    std::fprintf(stderr, "%s\n", by_name.status().ToString().c_str());
    return 2;
  }
  METLOG_ERROR(*by_name, "by name");
  const metlog::Receipt named = by_name->close(std::chrono::seconds(5));
  absl::StatusOr<metlog::Client> in_code = metlog::open(std::make_unique<Pager>(""));
  METLOG_ERROR(*in_code, "in code");
  const metlog::Receipt refused = in_code->close(std::chrono::seconds(5));
  std::printf("sent %llu, lost %llu\n", static_cast<unsigned long long>(named.sent),
              static_cast<unsigned long long>(refused.lost));
}
