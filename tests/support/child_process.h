#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace metlog {

/// Runs a part of a test in a forked child: an engine of its own, and limits that the test keeps. A
/// failure there is one here, and so is any other end than its own.
inline void in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "see above";
}

}  // namespace metlog
