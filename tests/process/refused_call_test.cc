// System calls that tools and emulated kernels refuse.

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

#include "metlog/metlog.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/child_process.h"

namespace metlog {
namespace {

/// Makes a system call fail with EINVAL from now on, in every thread that starts later, too.
bool refuse(int system_call) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(system_call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(filter), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

class RefusedCall : public testing::TestWithParam<bool> {};

// valgrind refuses to map a page twice by mremap(2).
TEST_P(RefusedCall, OfMremapLosesNothing) {
  const TempDir sessions("/dev/shm");
  in_child([&] {
    ASSERT_TRUE(refuse(SYS_mremap));
    EngineOptions engine;
    engine.session_directory = GetParam() ? sessions.path().string() : "none";
    engine.ring_bytes = 4096;
    ASSERT_TRUE(Engine::configure(engine).ok());
    ClientOptions options;
    options.when_full = WhenFull::kGrow;
    absl::StatusOr<Client> log = open("null:", options);
    ASSERT_TRUE(log.ok()) << log.status();
    for (int thread = 0; thread < 3; ++thread) {
      std::thread([&] {
        for (int i = 0; i < 1000; ++i) METLOG_INFO(*log, "{}", i);
      }).join();
    }
    const Receipt receipt = log->close(std::chrono::seconds(30));
    EXPECT_EQ(receipt.sent, 3000U);
    EXPECT_EQ(log->stats().emitted, 3000U);
    EXPECT_EQ(log->stats().unexplained(), 0);
  });
}

INSTANTIATE_TEST_SUITE_P(, RefusedCall, testing::Bool(), [](const auto& row) {
  return row.param ? "InASession" : "WithoutASession";
});

}  // namespace
}  // namespace metlog
