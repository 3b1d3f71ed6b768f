#include "metlog/internal/engine/connect/url_factory.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/flush/destination_url.h"

namespace metlog {
namespace {

/// Not to be read as a URL again: the parts are decoded.
std::string destination_of(const Url& url) {
  std::string text = absl::StrCat(url.scheme, "\n", url.authority, "\n", url.path);
  for (const auto& [name, value] : url.query) {
    if (name != "truncate" && name != "batch") absl::StrAppend(&text, "\n", name, "=", value);
  }
  return text;
}

}  // namespace

UrlFactory::UrlFactory(ThreadPlace place, Url url)
    : place_(std::move(place)),
      url_(std::make_shared<Url>(std::move(url))),
      destination_(destination_of(*url_)) {}

absl::StatusOr<std::unique_ptr<Sender>> UrlFactory::operator()() const {
  absl::StatusOr<std::unique_ptr<Sender>> sender = absl::UnknownError("");
  place_.run([&] { sender = make_sender(*url_); });
  if (sender.ok()) url_->query.erase("truncate");
  return sender;
}

}  // namespace metlog
