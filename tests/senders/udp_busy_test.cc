// UDP senders while the kernel has no room for a datagram.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "senders/udp/udp_sender.h"
#include "tests/senders/receiver.h"
#include "tests/senders/test_batch.h"

namespace {

// Of the next calls of this thread.
thread_local int refusals = 0;
thread_local int refused_with = 0;

}  // namespace

/// Takes the place of the C library's.
extern "C" int sendmmsg(int socket, mmsghdr* datagrams, unsigned count, int flags) {
  if (refusals > 0) {
    --refusals;
    errno = refused_with;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_sendmmsg, socket, datagrams, count, flags));
}

namespace metlog {
namespace {

TEST(UdpSender, KeepsAndCountsWhatTheKernelHasNoRoomFor) {
  for (const int error : {ENOBUFS, EAGAIN}) {
    for (const char* kind : {"", "?batch=1", "?pack=1000"}) {
      const Receiver receiver;
      auto sender = UdpSender::open(*parse_url(receiver.url(kind)));
      ASSERT_TRUE(sender.ok()) << sender.status();
      Batch batch = batch_of({"first"});
      refusals = 2;
      refused_with = error;
      EXPECT_EQ((*sender)->send(batch), SendResult::kBusy);
      EXPECT_EQ(batch.remaining_count(), 1U);
      EXPECT_EQ((*sender)->send(batch), SendResult::kBusy);
      EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
      EXPECT_EQ((*sender)->connections().no_room, 2U);
      EXPECT_EQ(receiver.receive(1).size(), 1U);
      EXPECT_EQ(batch.sent_count(), 1U);
      expect_all_accounted_for(batch);
    }
  }
}

}  // namespace
}  // namespace metlog
