#pragma once

#include <cstdint>

namespace metlog {

/// The number of heap allocations of the calling thread: malloc and its kin, which operator new
/// calls. For programs that link allocation_count.cc.
std::uint64_t allocation_count();

}  // namespace metlog
