#include "metlog/internal/config/file_text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

absl::Status cannot_read(const std::string& path, int error) {
  const std::string message = std::string("cannot read ")
                                  .append(line_text(path))
                                  .append(": ")
                                  .append(std::generic_category().message(error));
  return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
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
          line_text(path).append(" is larger than 16 MiB, which no configuration is"));
    }
  }
  if (std::ferror(file.get()) != 0) return cannot_read(path, errno);
  return text;
}

}  // namespace metlog
