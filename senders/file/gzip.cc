#include "senders/file/gzip.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

namespace metlog {
namespace {

constexpr std::size_t kBlock = 64 * 1024;  // after which `stop` is looked at
constexpr int kDone = 0;

/// Functions of zlib's stable interface, version 1. A file is a pointer to what only zlib knows.
struct Zlib {
  void* (*open)(int fd, const char* mode) = nullptr;
  int (*write)(void* file, const void* bytes, unsigned size) = nullptr;
  int (*close)(void* file) = nullptr;

  [[nodiscard]] bool is_there() const {
    return open != nullptr && write != nullptr && close != nullptr;
  }
};

Zlib load_zlib() {
  // Never closed: calls may run until the process ends.
  void* const library = ::dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {};
  return {reinterpret_cast<decltype(Zlib::open)>(::dlsym(library, "gzdopen")),
          reinterpret_cast<decltype(Zlib::write)>(::dlsym(library, "gzwrite")),
          reinterpret_cast<decltype(Zlib::close)>(::dlsym(library, "gzclose"))};
}

const Zlib& zlib() {
  static const Zlib kZlib = load_zlib();
  return kZlib;
}

/// Returns how many bytes were copied; none with an errno.
std::optional<std::size_t> copy(int from, void* to, const std::atomic<bool>& stop) {
  const auto block = std::make_unique<std::array<char, kBlock>>();
  std::size_t total = 0;
  while (true) {
    // relaxed: a switch
    if (stop.load(std::memory_order_relaxed)) {
      errno = ECANCELED;
      return std::nullopt;
    }
    const ssize_t size = ::pread(from, block->data(), block->size(), static_cast<off_t>(total));
    if (size == 0) return total;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    errno = 0;
    if (zlib().write(to, block->data(), static_cast<unsigned>(size)) != size) {
      if (errno == 0) errno = EIO;
      return std::nullopt;
    }
    total += static_cast<std::size_t>(size);
  }
}

}  // namespace

absl::Status Gzip::check() {
  if (zlib().is_there()) return absl::OkStatus();
  return absl::UnavailableError(
      "cannot compress: there is no libz.so.1; install zlib (Debian: zlib1g), or leave out the "
      "compression");
}

std::optional<std::size_t> Gzip::compress(int from, int to, const std::atomic<bool>& stop) {
  const int own = zlib().is_there() ? ::fcntl(to, F_DUPFD_CLOEXEC, 0) : -1;
  if (own < 0) return std::nullopt;
  void* const file = zlib().open(own, "wb");
  if (file == nullptr) {
    ::close(own);
    errno = ENOMEM;
    return std::nullopt;
  }
  const std::optional<std::size_t> copied = copy(from, file, stop);
  const int error = errno;
  errno = 0;
  if (zlib().close(file) == kDone && copied.has_value()) return copied;
  if (!copied.has_value()) errno = error;
  if (errno == 0) errno = EIO;
  return std::nullopt;
}

}  // namespace metlog
