#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// While it lives, what is written to standard error goes here.
class CapturedStderr {
 public:
  CapturedStderr() : before_(::dup(STDERR_FILENO)), captured_(::memfd_create("stderr", 0)) {
    ::dup2(captured_.get(), STDERR_FILENO);
  }
  ~CapturedStderr() { ::dup2(before_.get(), STDERR_FILENO); }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  [[nodiscard]] std::string text() const {
    std::string text(1 << 16, '\0');
    const ssize_t size = ::pread(captured_.get(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  const UniqueFd before_;
  const UniqueFd captured_;
};

}  // namespace metlog
