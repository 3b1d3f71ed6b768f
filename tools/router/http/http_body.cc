#include "tools/router/http/http_body.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace metlog {

BodyMaker::BodyMaker(std::unique_ptr<BodyEncoder> encoder, Options options)
    : encoder_(std::move(encoder)), options_(std::move(options)) {
  if (options_.gzip_level != 0) gzip_.emplace(options_.gzip_level);
}

HttpBody::Indexes BodyMaker::make(HttpBody& body) {
  HttpBody::Indexes without_form;
  const std::string_view plain = plain_text(body, without_form);
  body.headers = encoder_->headers();
  body.headers.push_back("Content-Type: " + std::string(encoder_->content_type()));
  if (!options_.key_header.empty()) {
    body.headers.push_back(absl::StrCat(options_.key_header, ": ", body.key));
  }
  body.bytes = plain;
  if (gzip_) {
    gzip_->compress(plain, body.text);
    body.headers.emplace_back("Content-Encoding: gzip");
    body.bytes = body.text;
  } else if (plain.data() == scratch_.data()) {
    body.text.swap(scratch_);
    body.bytes = body.text;
  }
  return without_form;
}

/// Returns the body before it is compressed: in the batch, or in scratch_.
std::string_view BodyMaker::plain_text(const HttpBody& body, HttpBody::Indexes& without_form) {
  const Batch& batch = *body.batch;
  const std::size_t first = body.items.front();
  const std::size_t last = body.items.back();
  if (encoder_->is_lines() && last - first + 1 == body.items.size()) {
    const char* const begin = batch.message_at(first).data();
    const std::string_view end = batch.message_at(last);
    return {begin, static_cast<std::size_t>(end.data() + end.size() + 1 - begin)};
  }
  scratch_.clear();
  encoder_->open(scratch_);
  for (const std::uint32_t index : body.items) {
    const BodyItem item{batch.message_at(index), batch.stream, batch.first_sequence + index};
    if (!encoder_->add(item, scratch_)) without_form.push_back(index);
  }
  encoder_->close(scratch_);
  return scratch_;
}

}  // namespace metlog
