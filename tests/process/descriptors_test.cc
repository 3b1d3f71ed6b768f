// Descriptors 0 to 2 closed from the beginning: nothing of ours gets their numbers, and a
// destination that is closed is an error.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>

#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/metlog.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

/// Runs `body` in a child in which these descriptors are closed; returns its exit code.
int in_child_without(std::initializer_list<int> closed, const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : closed) ::close(fd);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// True when what the host prints goes nowhere, as before.
bool go_nowhere(std::initializer_list<int> fds) {
  for (const int fd : fds) {
    char byte = 'x';
    if (is_usable_descriptor(fd) || ::write(fd, &byte, 1) >= 0 || ::read(fd, &byte, 1) >= 0) {
      return false;
    }
  }
  return true;
}

TEST(StandardDescriptors, ThatAreClosedStayClosedAndAreNotGivenAway) {
  EXPECT_EQ(in_child_without({0, 1, 2},
                             [] {
                               keep_standard_descriptors();
                               const int next = ::open("/dev/null", O_RDWR | O_CLOEXEC);
                               return next > 2 && go_nowhere({0, 1, 2}) ? 0 : 1;
                             }),
            0);
}

TEST(StandardDescriptors, ThatAreOpenAreLeftAlone) {
  const int code = in_child_without({}, [] {
    const int before = ::fcntl(STDERR_FILENO, F_GETFL);
    keep_standard_descriptors();
    return ::fcntl(STDERR_FILENO, F_GETFL) == before ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(ClosedDescriptors, AreNotUsedForFilesAndSockets) {
  const TempDir directory;
  for (const std::string& url :
       {"file:" + directory.file("out"), std::string("udp://127.0.0.1:9"),
        std::string("tcp://127.0.0.1:9?hold_ms=0"), std::string("null:")}) {
    const int code = in_child_without({0, 1, 2}, [&] {
      absl::StatusOr<Client> client = open(url);
      if (!client.ok()) return 2;
      METLOG_INFO(*client, "line");
      client->close(std::chrono::seconds(1));
      return go_nowhere({0, 1, 2}) && client->stats().unexplained() == 0 ? 0 : 1;
    });
    EXPECT_EQ(code, 0) << url;
  }
  EXPECT_EQ(content_of(directory.file("out")).find("{\"type\":\"oldstyle\""), 0U);
}

TEST(ClosedDescriptors, AreNoDestination) {
  for (const auto& [fd, url] : {std::pair(1, "stdout:"), std::pair(2, "stderr:")}) {
    const int code = in_child_without({fd}, [name = url] {
      const absl::StatusOr<Client> client = open(name);
      const bool is_named = client.status().message().find(name) != std::string::npos;
      return absl::IsFailedPrecondition(client.status()) && is_named ? 0 : 1;
    });
    EXPECT_EQ(code, 0) << url;
  }
}

}  // namespace
}  // namespace metlog
