// A recovery that is killed at every system call: what it was to deliver arrives once.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/recovery/recovered.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

TEST_F(Recovered, MayDieAtEverySystemCall) {
  run("kill", 300);
  const TempDir before;
  const std::string log_before = content_of(log());
  fs::copy(sessions_.path(), before.path(), fs::copy_options::recursive);
  fs::remove_all(session());
  int calls = 0;
  for (bool is_alive = true; is_alive; ++calls) {
    fs::copy(before.path(), sessions_.path(), fs::copy_options::recursive);
    write_content(log(), log_before);
    TracedChild child([this] { open()->recover_all(); });
    for (int i = 0; i < calls && is_alive; ++i) is_alive = child.to_system_call();
    child.kill();
    open()->recover_all();
    expect_all_lines(300);
    ASSERT_TRUE(is_clean()) << "after " << calls << " stops";
    const std::string text = content_of(log());
    ASSERT_EQ(text.find("metlog.death"), text.rfind("metlog.death")) << calls << " stops";
  }
  EXPECT_GT(calls, 100) << "of a recovery that ran to its end";
}

}  // namespace
}  // namespace metlog
