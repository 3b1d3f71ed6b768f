#include "senders/file/file_settings.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/quantity.h"

namespace metlog {
namespace {

constexpr std::size_t kMinBytes = 4096;
constexpr std::size_t kMaxBytes = std::size_t{1} << 50;
constexpr std::int64_t kMaxKept = 1000;
constexpr std::chrono::hours kLongest{24 * 366};
// Nobody waits longer for a disk.
constexpr std::chrono::hours kForever{24 * 36'500};
constexpr std::chrono::hours kAges{24 * 36500};

absl::StatusOr<std::string> path_of(const Url& url) {
  if (!url.authority.empty() && url.authority != "localhost") {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' names the host '", url.authority, "'; write file:///",
                     url.authority, url.path, " or file:", url.authority, url.path));
  }
  if (url.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' lacks a path; write file:///path or file:relative/path"));
  }
  return url.path;
}

/// A number of bytes; 0 when absent.
std::size_t read_bytes(UrlOptions& options, const std::string& name) {
  const std::string text = options.text(name);
  if (!options.has(name)) return 0;
  const std::optional<std::size_t> bytes = parse_bytes(text);
  if (bytes.has_value() && *bytes >= kMinBytes && *bytes <= kMaxBytes) return *bytes;
  options.refuse(
      name, absl::StrCat(bytes.has_value() ? "is not in " : "is no number of bytes; it takes ",
                         bytes_text(kMinBytes), " to ", bytes_text(kMaxBytes), ", such as 100M"));
  return 0;
}

/// Whole seconds; 0 when absent.
std::chrono::seconds read_duration(UrlOptions& options, const std::string& name,
                                   std::chrono::seconds min, std::chrono::seconds max) {
  const std::string text = options.text(name);
  if (!options.has(name)) return std::chrono::seconds(0);
  const std::optional<std::chrono::nanoseconds> duration = parse_duration(text);
  const std::chrono::nanoseconds second = std::chrono::seconds(1);
  if (duration.has_value() && *duration >= min && *duration <= max &&
      duration->count() % second.count() == 0) {
    return std::chrono::duration_cast<std::chrono::seconds>(*duration);
  }
  options.refuse(name,
                 absl::StrCat(duration.has_value() ? "is not in " : "is no duration; it takes ",
                              duration_text(min), " to ", duration_text(max),
                              " in whole seconds, with a unit, such as 90m or 7d"));
  return std::chrono::seconds(0);
}

FileRotation read_rotation(UrlOptions& options) {
  FileRotation rotation;
  rotation.max_bytes = read_bytes(options, "rotate_size");
  rotation.interval = read_duration(options, "rotate_every", std::chrono::seconds(1), kLongest);
  if (const std::string at = options.text("rotate_at"); options.has("rotate_at")) {
    rotation.daily_at = FileRotation::read_time(at);
    if (!rotation.daily_at.has_value()) {
      options.refuse("rotate_at", "is no time of the day; write it as 03:00, from 00:00 to 23:59");
    } else if (rotation.interval.count() != 0) {
      options.refuse("rotate_at", "and rotate_every are two answers to one question; keep one");
    }
  }
  rotation.keep = static_cast<int>(options.number("rotate_keep", {1, kMaxKept, rotation.keep}));
  rotation.keep_for = read_duration(options, "rotate_keep_for", std::chrono::hours(1), kAges);
  if (const std::string way = options.text("rotate_compress"); way == "gzip") {
    rotation.compresses = true;
    if (rotation.keep == 1) {
      options.refuse("rotate_compress",
                     "has no effect with rotate_keep=1, since NAME.1 stays as it is; keep more");
    }
  } else if (options.has("rotate_compress")) {
    options.refuse("rotate_compress", "is no way to compress files; known is gzip");
  }
  for (const char* const name : {"rotate_keep", "rotate_keep_for", "rotate_compress"}) {
    options.only_if(rotation.is_on(), name, "rotate_size, rotate_every or rotate_at");
  }
  return rotation;
}

/// Permissions as chmod(1) takes them.
mode_t read_mode(UrlOptions& options, mode_t preset) {
  const std::string text = options.text("mode");
  if (!options.has("mode")) return preset;
  mode_t mode = 0;
  bool is_octal = text.size() == 3 || (text.size() == 4 && text.front() == '0');
  for (const char digit : text) {
    is_octal = is_octal && digit >= '0' && digit <= '7';
    mode = mode * 8 + static_cast<mode_t>(digit - '0');
  }
  if (is_octal) return mode;
  options.refuse("mode", "is no permission; write three octal digits, as 640");
  return preset;
}

}  // namespace

absl::StatusOr<FileSettings> FileSettings::read(const Url& url) {
  FileSettings settings;
  UrlOptions options(url);
  settings.truncate = options.flag("truncate");
  settings.hold = options.milliseconds("hold_ms", settings.hold.count());
  settings.hold_bytes = read_bytes(options, "hold_bytes");
  if (settings.hold_bytes != 0) {
    settings.hold = kForever;
    if (options.has("hold_ms")) {
      options.refuse("hold_bytes", "and hold_ms are two answers to one question; keep one");
    }
  }
  settings.rotation = read_rotation(options);
  settings.mode = read_mode(options, settings.mode);
  settings.creates_directories = options.flag("create_directories");
  settings.header = options.text("header");
  if (settings.header.find('\n') != std::string::npos) {
    options.refuse("header", "is more than a line; leave out the line feed");
  }
  if (!options.status().ok()) return options.status();
  absl::StatusOr<std::string> path = path_of(url);
  if (!path.ok()) return path.status();
  settings.path = *std::move(path);
  settings.lasting = url.query;
  for (const char* const own : {"truncate", "hold_ms", "hold_bytes"}) settings.lasting.erase(own);
  return settings;
}

bool make_directories(const std::string& path, mode_t mode) {
  for (std::size_t slash = 0; slash != std::string::npos;) {
    slash = path.find('/', slash + 1);
    const std::string part = path.substr(0, slash);
    if (part.empty() || ::mkdir(part.c_str(), mode) == 0 || errno == EEXIST) continue;
    const int error = errno;
    struct stat status {};
    if (::stat(part.c_str(), &status) == 0) continue;
    errno = error;
    return false;
  }
  return true;
}

}  // namespace metlog
