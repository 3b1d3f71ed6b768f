#include "metlog/internal/config/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxBytes = 120;

/// Returns at most kMaxBytes bytes of whole characters, and "..." for the rest.
std::string shortened(std::string text) {
  if (text.size() <= kMaxBytes) return text;
  return std::string(cut_to_bytes(text, kMaxBytes)).append("...");
}

}  // namespace

std::string quote(std::string_view text) {
  const std::string inside = line_text(json_text(text.substr(0, 2 * kMaxBytes)));
  return std::string(1, '"').append(shortened(inside)).append(1, '"');
}

std::string quote_excerpt(std::string_view text) {
  return shortened(line_text(text.substr(0, 2 * kMaxBytes)));
}

namespace {

/// Returns where the first line ends: before a newline or a lone CR; npos when there is neither.
std::size_t end_of_line(std::string_view text) {
  const std::size_t at = text.find_first_of("\r\n");
  if (at == std::string_view::npos) return at;
  return text.substr(at, 2) == "\r\n" ? at + 1 : at;
}

/// Calls `take` with each line, without its newline; the last one may lack it.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  for (bool is_last = false; !is_last;) {
    const std::size_t end = end_of_line(text);
    is_last = end == std::string_view::npos;
    take(text.substr(0, end), is_last);
    if (!is_last) text.remove_prefix(end + 1);
  }
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

/// True for a line of only spaces and tabs, also with the CR of a CRLF, which the original takes
/// for text.
bool is_empty(std::string_view line) {
  const std::string_view rest = line.substr(indent_of(line));
  return rest.empty() || rest == "\r";
}

std::string_view common_prefix(std::string_view one, std::string_view other) {
  const auto [end, ignored] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return one.substr(0, static_cast<std::size_t>(end - one.begin()));
}

std::string_view common_indent(std::string_view text) {
  std::optional<std::string_view> common;
  for_each_line(text, [&](std::string_view line, bool) {
    if (is_empty(line)) return;
    const std::string_view indent = line.substr(0, indent_of(line));
    common = common_prefix(common.value_or(indent), indent);
  });
  return common.value_or("");
}

}  // namespace

std::string dedent(std::string_view text) {
  const std::size_t indent = common_indent(text).size();
  std::string result;
  result.reserve(text.size());
  for_each_line(text, [&](std::string_view line, bool is_last) {
    result.append(line.substr(is_empty(line) ? indent_of(line) : indent));
    if (!is_last) result += '\n';
  });
  return result;
}

namespace {

absl::Status cannot_read(const std::string& path, int error) {
  const std::string message = std::string("cannot read ")
                                  .append(line_text(path))
                                  .append(": ")
                                  .append(std::generic_category().message(error));
  if (error != ENOENT) return absl::UnavailableError(message);
  return with_detail(absl::NotFoundError(message), ErrorKind::kFileNotFound, path);
}

}  // namespace

absl::StatusOr<std::string> file_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) return cannot_read(path, errno);
  std::string text;
  std::array<char, 64 * 1024> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
    text.append(part.data(), size);
    if (text.size() > kMaxConfigBytes) {
      return absl::InvalidArgumentError(
          line_text(path).append(" is larger than 16 MiB, the maximum of a configuration"));
    }
  }
  if (std::ferror(file.get()) != 0) return cannot_read(path, errno);
  return text;
}

}  // namespace metlog
