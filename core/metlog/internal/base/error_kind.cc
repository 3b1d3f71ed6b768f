#include "metlog/error_kind.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"

namespace metlog {
namespace {

/// The key of the payload, whose text is `variable NAME`.
constexpr const char* kPayload = "metlog.error";

/// The words of the payload, in the order of ErrorKind.
constexpr std::array<std::string_view, 7> kWords = {"",     "variable", "method",     "section",
                                                    "file", "provider", "name-in-use"};

}  // namespace

ErrorDetail error_detail(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return {};
  const std::string text(*payload);
  const std::size_t blank = text.find(' ');
  for (std::size_t kind = 1; kind < kWords.size(); ++kind) {
    if (text.compare(0, blank, kWords[kind]) == 0 && blank != std::string::npos) {
      return {static_cast<ErrorKind>(kind), text.substr(blank + 1)};
    }
  }
  return {};
}

absl::Status with_detail(absl::Status status, ErrorKind kind, std::string_view name) {
  if (kind == ErrorKind::kOther) return status;
  std::string text(kWords[static_cast<std::size_t>(kind)]);
  status.SetPayload(kPayload, absl::Cord(text.append(" ").append(name)));
  return status;
}

absl::Status with_message(const absl::Status& status, std::string_view message) {
  absl::Status other(status.code(), absl::string_view(message.data(), message.size()));
  status.ForEachPayload(
      [&](absl::string_view key, const absl::Cord& payload) { other.SetPayload(key, payload); });
  return other;
}

}  // namespace metlog
