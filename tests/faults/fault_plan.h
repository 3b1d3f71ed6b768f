#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace metlog::faults {

/// The functions that a plan names.
inline constexpr std::array kCalls{"open",   "write",     "pwrite",    "writev",
                                   "fsync",  "fdatasync", "fallocate", "ftruncate",
                                   "rename", "mmap",      "send",      "connect"};
enum Call : unsigned {
  kOpen,
  kWrite,
  kPwrite,
  kWritev,
  kFsync,
  kFdatasync,
  kFallocate,
  kFtruncate,
  kRename,
  kMmap,
  kSend,
  kConnect
};
// What an errno does not say.
inline constexpr int kShort = -1;
inline constexpr int kDelay = -2;
struct NamedFault {
  const char* name;
  int fault;  // an errno, or one of the above
};
inline constexpr std::array kFaults{NamedFault{"EINTR", EINTR},
                                    NamedFault{"ENOSPC", ENOSPC},
                                    NamedFault{"EIO", EIO},
                                    NamedFault{"EMFILE", EMFILE},
                                    NamedFault{"EAGAIN", EAGAIN},
                                    NamedFault{"ENOMEM", ENOMEM},
                                    NamedFault{"SHORT", kShort},
                                    NamedFault{"DELAY", kDelay},
                                    NamedFault{"ECONNREFUSED", ECONNREFUSED}};

struct Rule {
  unsigned call;
  std::uint64_t number;  // of the call; 0 for a rate
  double share;
  int fault;
};

/// What the shim does.
struct Plan {
  std::uint64_t seed = 0;
  std::uint64_t first = UINT64_MAX;
  char on[64] = "";
  std::array<Rule, 32> rules{};
  std::size_t rule_count = 0;
  int trace_fd = -1;
};

[[noreturn]] inline void refuse(const char* word) {
  std::fprintf(stderr, "METLOG_FAULTS: not understood: %s\n", word);
  ::_exit(99);
}

inline Rule rule_of(const char* word) {
  const std::size_t name = std::strcspn(word, "#%");
  const char* const fault = std::strchr(word, ':');
  Rule rule{};
  for (rule.call = 0; rule.call < kCalls.size(); ++rule.call) {
    if (std::strlen(kCalls[rule.call]) == name &&
        std::strncmp(kCalls[rule.call], word, name) == 0) {
      break;
    }
  }
  if (rule.call == kCalls.size() || fault == nullptr) refuse(word);
  if (word[name] == '#') rule.number = std::strtoull(word + name + 1, nullptr, 10);
  if (word[name] == '%') rule.share = std::strtod(word + name + 1, nullptr) / 100;
  for (const NamedFault& known : kFaults) {
    if (std::strcmp(known.name, fault + 1) == 0) rule.fault = known.fault;
  }
  if (rule.fault == 0) refuse(word);
  return rule;
}

/// Reads the plan from the environment, see fault_shim.cc. Ends the program at a word that it does
/// not understand.
inline Plan read_plan() {
  Plan plan;
  char words[1024] = "";
  if (const char* const text = std::getenv("METLOG_FAULTS")) {
    std::snprintf(words, sizeof words, "%s", text);
  }
  char* rest = nullptr;
  for (char* word = ::strtok_r(words, " ", &rest); word; word = ::strtok_r(nullptr, " ", &rest)) {
    if (std::strncmp(word, "seed=", 5) == 0) {
      plan.seed = std::strtoull(word + 5, nullptr, 10);
    } else if (std::strncmp(word, "first=", 6) == 0) {
      plan.first = std::strtoull(word + 6, nullptr, 10);
    } else if (std::strncmp(word, "on=", 3) == 0) {
      std::snprintf(plan.on, sizeof plan.on, "%s", word + 3);
    } else {
      if (plan.rule_count == plan.rules.size()) refuse(word);
      plan.rules[plan.rule_count++] = rule_of(word);
    }
  }
  if (const char* const trace = std::getenv("METLOG_FAULTS_TRACE")) {
    plan.trace_fd = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  return plan;
}

inline const Plan& plan() {
  static const Plan kPlan = read_plan();
  return kPlan;
}

}  // namespace metlog::faults
