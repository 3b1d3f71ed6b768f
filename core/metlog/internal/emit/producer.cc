#include "metlog/internal/emit/producer.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include <cstring>
#include <mutex>
#include <utility>

#include "metlog/internal/base/alternate_stack.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/emit/sampled_out.h"

namespace metlog {
namespace {

// Never written: every reservation in it fails.
constinit Producer g_no_producer{};

constinit std::mutex g_free_mutex;  // nothing is allocated while it is held, see RingSet
constinit Producer* g_free_pages = nullptr;

// Runs after the C++ thread_locals of the thread are gone. A thread that logs even later takes
// another page and gets here again, as pthread_setspecific() promises.
void on_thread_exit(void* page) {
  auto& producer = *static_cast<Producer*>(page);
  t_producer = &g_no_producer;
  AlternateStack::take_from_thread();
  // acquire: pairs with the engine's release when it installs the set
  RingSet* const rings = g_ring_set.load(std::memory_order_acquire);
  if (producer.ring == nullptr) {
    recycle_producer_page(producer);
  } else if (rings != nullptr) {
    rings->retire(producer);
  }
  // Otherwise the engine is being stopped and its flusher may still store to the page, so the page
  // is not reused.
}

pthread_key_t exit_key() {
  static const pthread_key_t kKey = [] {
    pthread_key_t key;
    pthread_key_create(&key, &on_thread_exit);
    return key;
  }();
  return kKey;
}

Producer* map_page() {
  void* const mapped = mmap(nullptr, sizeof(ProducerPages), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  madvise(mapped, sizeof(Producer), MADV_WIPEONFORK);
  return static_cast<Producer*>(mapped);
}

// A recycled page or a new one; null when the system refuses memory.
Producer* free_page() {
  // Does not wait: in a forked child the lock may be held by a thread that does not exist there,
  // and a signal handler may have interrupted this.
  std::unique_lock lock(g_free_mutex, std::try_to_lock);
  if (!lock.owns_lock() || g_free_pages == nullptr) {
    if (lock.owns_lock()) lock.unlock();
    return map_page();
  }
  Producer* const page = std::exchange(g_free_pages, g_free_pages->next_free);
  page->next_free = nullptr;
  return page;
}

}  // namespace

ClientPolicy g_client_policies[kClientSlots];
PlainAtomic<std::int8_t> g_wake_severity{-1};

constinit thread_local Producer* t_producer = &g_no_producer;

Producer* take_producer_page() {
  if (t_producer != &g_no_producer) return t_producer;
  Producer* const page = free_page();
  if (page == nullptr) return nullptr;
  t_producer = page;  // first: what follows may allocate, and the allocator may log
  pthread_setspecific(exit_key(), page);
  AlternateStack::give_to_thread();
  return page;
}

Producer* claim_for_nobody(RingSet& rings, Producer* page) {
  Producer* const own = std::exchange(t_producer, page != nullptr ? page : &g_no_producer);
  Producer* const claimed = rings.claim();
  t_producer = own;
  pthread_setspecific(exit_key(), own == &g_no_producer ? nullptr : own);
  return claimed;
}

Producer* claim_in_handler(RingSet& rings, Producer* page) {
  if (page == nullptr) page = free_page();
  if (page != nullptr) (void)rings.claim_spare(*page);
  return page;
}

void Producer::wipe() {
  const auto zero = [](void* part, std::size_t bytes) {
    if (madvise(part, bytes, MADV_DONTNEED) != 0) std::memset(part, 0, bytes);
  };
  zero(this, offsetof(Producer, counts));
  zero(pending, sizeof pending);
}

void recycle_producer_page(Producer& page) {
  page.wipe();
  // Tries only, as take_producer_page() does; a page that is not put back is only lost.
  std::unique_lock lock(g_free_mutex, std::try_to_lock);
  for (int tries = 0; !lock.owns_lock() && tries < 1000; ++tries) {
    sched_yield();
    lock.try_lock();
  }
  if (lock.owns_lock()) page.next_free = std::exchange(g_free_pages, &page);
}

}  // namespace metlog
