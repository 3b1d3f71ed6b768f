#include "tools/router/output/json_lines_encoder.h"

#include <algorithm>
#include <cstring>

namespace metlog {
namespace {

/// In validated JSON a raw line break can only be a blank between tokens: strings hold no raw
/// control characters. So any other blank means the same.
void replace_all(char* begin, char* end, char line_break) {
  char* found = begin;
  while ((found = static_cast<char*>(
              std::memchr(found, line_break, static_cast<std::size_t>(end - found)))) != nullptr) {
    *found = ' ';
  }
}

}  // namespace

void JsonLinesEncoder::encode(const DecodedMessage& message, Batch& batch) {
  char* begin = batch.reserve(message.raw.size());
  char* end = std::copy(message.raw.begin(), message.raw.end(), begin);
  if (!message.is_one_line) {
    replace_all(begin, end, '\n');
    replace_all(begin, end, '\r');
  }
  batch.commit(end, Batch::Origin::kUser);
}

}  // namespace metlog
