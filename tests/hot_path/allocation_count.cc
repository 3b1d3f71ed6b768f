#include "tests/hot_path/allocation_count.h"

#include <cerrno>
#include <cstddef>

namespace {

thread_local constinit std::uint64_t t_allocations = 0;

}  // namespace

// glibc's functions; those below replace them for the whole program.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  ++t_allocations;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  ++t_allocations;
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  ++t_allocations;
  return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  ++t_allocations;
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  *out = memalign(alignment, size);
  return *out != nullptr ? 0 : ENOMEM;
}

}  // extern "C"

namespace metlog {

std::uint64_t allocation_count() { return t_allocations; }

}  // namespace metlog
