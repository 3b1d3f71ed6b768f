#include "metlog/internal/plugins/cef/cef_line.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxBytes = 1024;

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  out.reserve(text.size());
  for (const char character : text) {
    if (special.find(character) != std::string_view::npos) out += '\\';
    out += character;
  }
  return out;
}

/// The keys that the fixed part of a line has.
bool is_in_fixed_part(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "cs1Label", "cs1", "requestMethod", "request", "src", "dhost", "suser"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

bool is_legal(std::string_view key) {
  constexpr std::string_view kOthers = "_-.";
  return !key.empty() && std::all_of(key.begin(), key.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

std::string fixed_part(const CefParts& parts) {
  return absl::StrCat(
      absl::StrCat(parts.date, " ", parts.host, " CEF:", parts.version, "|", parts.vendor, "|",
                   parts.product, "|", parts.device_version, "|", parts.signature, "|"),
      absl::StrCat(parts.name, "|", parts.severity, "|cs1Label=requestClientApplication cs1=",
                   parts.user_agent, " requestMethod=", parts.method, " request=", parts.url),
      absl::StrCat(" src=", parts.source, " dhost=", parts.dest, " suser=", parts.suser));
}

std::string warn_of_key(std::string_view key) {
  return absl::StrCat("The \"", absl::string_view(key.data(), key.size()),
                      "\" key contains illegal characters");
}

}  // namespace

std::string* CefParts::replaceable(std::string_view key) {
  const std::pair<std::string_view, std::string*> known[] = {
      {"date", &date},       {"host", &host},
      {"version", &version}, {"vendor", &vendor},
      {"product", &product}, {"device_version", &device_version},
      {"method", &method},   {"user_agent", &user_agent},
      {"url", &url},         {"source", &source},
      {"dest", &dest},       {"suser", &suser}};
  for (const auto& [part_key, part] : known) {
    if (part_key == key) return part;
  }
  return nullptr;
}

std::string cef_date(std::time_t now) {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm local{};
  localtime_r(&now, &local);
  return absl::StrFormat("%s %02d %02d:%02d:%02d", kMonths[local.tm_mon], local.tm_mday,
                         local.tm_hour, local.tm_min, local.tm_sec);
}

std::string cef_prefix(std::string_view text) { return escaped(text, "|\\\r\n"); }
std::string cef_extension(std::string_view text) { return escaped(text, "\\="); }

CefLine make_cef_line(CefParts parts, CefExtensions extensions) {
  for (const auto& [key, value] : extensions) {
    if (std::string* const part = parts.replaceable(key); part != nullptr) *part = value;
  }
  CefLine line{fixed_part(parts)};
  std::erase_if(extensions, [](const auto& one) { return is_in_fixed_part(one.first); });
  std::sort(extensions.begin(), extensions.end(), [](const auto& one, const auto& other) {
    return std::tuple(one.second.size(), one.first.size(), std::string_view(one.first),
                      std::string_view(one.second)) <
           std::tuple(other.second.size(), other.first.size(), std::string_view(other.first),
                      std::string_view(other.second));
  });
  std::size_t bytes = line.text.size();  // before escaping, as the original counts
  for (const auto& [key, value] : extensions) {
    if (!is_legal(key) && line.illegal_key.empty()) line.illegal_key = warn_of_key(key);
    bytes += key.size() + value.size() + 2;
    if (bytes > kMaxBytes) {
      line.too_big = absl::StrCat("CEF Message too big. ", line.text, " is without '", key,
                                  "' and what is longer");
      break;
    }
    absl::StrAppend(&line.text, " ", key, "=", cef_extension(value));
  }
  return line;
}

}  // namespace metlog
