#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metlog {

/// What a line is put together from, each part as it stands there.
struct CefParts {
  std::string date;
  std::string host;
  std::string version;
  std::string vendor;
  std::string product;
  std::string device_version;
  std::string signature;
  std::string name;
  std::string severity;
  std::string user_agent;
  std::string method;
  std::string url;
  std::string source;
  std::string dest;
  std::string suser;

  /// The part that an extension of this key replaces; null when there is none.
  std::string* replaceable(std::string_view key);
};

/// `Jan 18 12:34:56`, in local time and English.
std::string cef_date(std::time_t now);

/// A backslash before each `|`, backslash, CR and LF.
std::string cef_prefix(std::string_view text);
/// A backslash before each backslash and `=`.
std::string cef_extension(std::string_view text);

using CefExtensions = std::vector<std::pair<std::string, std::string>>;

/// A line, and what is to be said about it on standard error.
struct CefLine {
  std::string text;
  std::string illegal_key = {};  // a warning, or empty
  std::string too_big = {};      // a warning, or empty
};

/// Writes the parts, then the extensions in the order of (bytes of the value, bytes of the key,
/// key, value) while the line, without their escapes, has at most 1,024 bytes. An extension that
/// names a part replaces that, unescaped, and those that the fixed part has already are not written
/// again.
CefLine make_cef_line(CefParts parts, CefExtensions extensions);

}  // namespace metlog
