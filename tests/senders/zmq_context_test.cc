#include "senders/zmq/zmq_context.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "senders/zmq/zmq_socket.h"
#include "tests/senders/descriptor_limit.h"

namespace metlog {
namespace {

TEST(ZmqContext, IsOneForAllAndEndsWithTheLast) {
  std::weak_ptr<ZmqContext> seen;
  {
    const auto first = ZmqContext::acquire();
    const auto second = ZmqContext::acquire();
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_EQ(*first, *second);
    seen = *first;
  }
  EXPECT_TRUE(seen.expired());
}

TEST(ZmqContext, RefusesInsteadOfLettingLibzmqAbortWithoutDescriptors) {
  for (rlim_t free = 0; free < 16; ++free) {
    const DescriptorLimit limit(free);
    const auto context = ZmqContext::acquire();
    EXPECT_EQ(context.status().code(), absl::StatusCode::kResourceExhausted) << free;
  }
}

TEST(ZmqContext, IsSatisfiedWithSixteenDescriptors) {
  const DescriptorLimit limit(16);
  const auto context = ZmqContext::acquire();
  ASSERT_TRUE(context.ok()) << context.status();
  const ZmqSocket publisher(*context, ZMQ_XPUB);
  const ZmqSocket monitor(*context, ZMQ_PAIR);
  EXPECT_TRUE(publisher.is_open());
  EXPECT_TRUE(monitor.is_open());
}

TEST(ZmqContext, IsAbandonedInAForkedChild) {
  const auto context = ZmqContext::acquire();
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_FALSE((*context)->is_foreign());
  const pid_t child = ::fork();
  if (child == 0) ::_exit((*context)->is_foreign() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace metlog
