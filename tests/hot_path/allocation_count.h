#pragma once

#include <cstdint>

namespace metlog {

/// How often the calling thread has asked for heap memory: malloc and its kin, which operator new
/// calls. For programs that link allocation_count.cc.
std::uint64_t allocation_count();

}  // namespace metlog
