#include "metlog/internal/engine/forked_child.h"

#include <unistd.h>

#include <atomic>
#include <mutex>

#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/engine/engine_state.h"

namespace metlog {

// No thread would close it in the child.
bool ForkedChild::is_gone(const Engine::State& parent, std::uint32_t slot) {
  // relaxed, both: stored before the fork; a client that another thread was closing is still there
  return parent.closing[slot].load(std::memory_order_relaxed) == Engine::State::Closing::kDone ||
         parent.left_behind[slot].load(std::memory_order_relaxed);
}

std::unique_ptr<Engine::State> ForkedChild::make_state(const Engine::State& parent) {
  auto own = std::make_unique<Engine::State>(
      Engine::Parts{parent.options, parent.threads, nullptr, nullptr, 0, {}});
  own->slots.go_on(parent.slots);
  own->has_parent = true;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (is_gone(parent, slot) || !own->slots.take_over(parent.slots, slot)) continue;
    std::vector<std::unique_ptr<Destination>> one;
    one.push_back(own->destinations->make_again(own->slots.at(slot)));
    own->connect({slot}, std::move(one));
  }
  return own;
}

Engine::State* ForkedChild::own_state(Engine& engine) {
  // Of the child: no thread locks it in the parent, so it is free here.
  static constinit ReentrantMutex mutex;
  static constinit std::atomic<bool> is_making{false};
  Engine::State* found = engine.state();
  if (found == nullptr || found->belongs_to_this_process()) return found;
  // A sender that is being made for the child, or the allocator, has logged. A sender may be made
  // on a thread of ours, for which the one that holds the mutex waits: ThreadPlace::run(). The
  // child has no other one of ours until this has returned. Before, the marks are the parent's.
  // acquire: pairs with the release below
  const bool is_helping = is_making.load(std::memory_order_acquire) && OwnThread::is(gettid());
  if (mutex.is_mine() || is_helping) return nullptr;
  {
    const std::lock_guard lock(mutex);
    found = engine.state();
    if (!found->belongs_to_this_process()) {
      OwnThread::forget_all();
      is_making.store(true, std::memory_order_release);  // pairs with the acquire above
      found = make_state(*found).release();
      // (3) release: pairs with the acquire (1) in Engine::state(); other threads of the child make
      // their first calls meanwhile
      engine.state_.store(found, std::memory_order_release);
      is_making.store(false, std::memory_order_relaxed);  // relaxed: the state tells, too
    }
  }
  found->starter.start_seldom();
  return found;
}

RingSet* ForkedChild::rings_for_call(Engine& engine, std::uint32_t client) {
  Engine::State* const state = own_state(engine);
  if (state == nullptr) return nullptr;
  if (state->starter.start_seldom()) return state->rings.get();
  state->rings->count_forked(client);
  return nullptr;
}

}  // namespace metlog
