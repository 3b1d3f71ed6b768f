#include "metlog/internal/session/site_entry.h"

#include <cstring>

#include "metlog/internal/base/crc32c.h"

namespace metlog {
namespace {

template <class T>
void put(std::string& out, T number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

void put_text(std::string& out, const std::string& text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace

std::string encode_site_entry(const RegisteredSite& site) {
  std::string contents;
  put(contents, site.id);
  put(contents, static_cast<std::uint8_t>(site.kind));
  put(contents, static_cast<std::int8_t>(site.severity));
  put(contents, static_cast<std::uint16_t>(site.args.size()));
  put(contents, site.line);
  put_text(contents, site.text);
  put_text(contents, site.file);
  put_text(contents, site.function);
  for (const RegisteredArg& arg : site.args) {
    put(contents, static_cast<char>(arg.role));
    put(contents, arg.key_bytes);
    put_text(contents, arg.type);
  }
  std::string entry;
  put(entry, static_cast<std::uint32_t>(contents.size()));
  put(entry, crc32c(reinterpret_cast<const unsigned char*>(contents.data()), contents.size()));
  return entry + contents;
}

}  // namespace metlog
