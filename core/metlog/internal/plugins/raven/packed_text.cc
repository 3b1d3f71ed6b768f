#include "metlog/internal/plugins/raven/packed_text.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"

namespace metlog {
namespace {

// The functions of zlib's stable interface, version 1.
using Bound = unsigned long (*)(unsigned long size);
using Compress = int (*)(unsigned char* to, unsigned long* to_size, const unsigned char* from,
                         unsigned long from_size, int level);
constexpr int kDefaultLevel = -1;
constexpr int kDone = 0;

struct Zlib {
  Bound bound = nullptr;
  Compress compress = nullptr;
};

Zlib load_zlib() {
  // Never closed: calls may run until the process ends.
  void* const library = ::dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {};
  const Zlib zlib{reinterpret_cast<Bound>(::dlsym(library, "compressBound")),
                  reinterpret_cast<Compress>(::dlsym(library, "compress2"))};
  return zlib.bound != nullptr && zlib.compress != nullptr ? zlib : Zlib{};
}

std::uint32_t adler32(std::string_view text) {
  constexpr std::uint32_t kModulus = 65521;
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const char character : text) {
    low = (low + static_cast<unsigned char>(character)) % kModulus;
    high = (high + low) % kModulus;
  }
  return high << 16 | low;
}

std::string compressed(std::string_view text) {
  static const Zlib zlib = load_zlib();
  if (zlib.compress == nullptr) return stored_stream(text);
  unsigned long size = zlib.bound(text.size());
  std::string stream(size, '\0');
  const int result = zlib.compress(reinterpret_cast<unsigned char*>(stream.data()), &size,
                                   reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                   kDefaultLevel);
  if (result != kDone) return stored_stream(text);
  stream.resize(size);
  return stream;
}

}  // namespace

std::string stored_stream(std::string_view text) {
  constexpr std::size_t kMaxBlock = 65535;
  std::string stream = "\x78\x9c";
  std::string_view rest = text;
  bool is_last = false;
  while (!is_last) {
    const std::string_view block = rest.substr(0, kMaxBlock);
    rest.remove_prefix(block.size());
    is_last = rest.empty();
    stream += is_last ? '\1' : '\0';
    const auto size = static_cast<std::uint16_t>(block.size());
    for (const std::uint16_t number : {size, static_cast<std::uint16_t>(~size)}) {
      stream += static_cast<char>(number & 0xff);
      stream += static_cast<char>(number >> 8);
    }
    stream += block;
  }
  const std::uint32_t sum = adler32(text);
  for (int shift = 24; shift >= 0; shift -= 8) stream += static_cast<char>(sum >> shift & 0xff);
  return stream;
}

std::string packed_text(std::string_view text) {
  const std::string stream = compressed(text);
  return absl::Base64Escape(stream);
}

}  // namespace metlog
