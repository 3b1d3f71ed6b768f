#pragma once

#include <atomic>
#include <thread>

#include "metlog/engine.h"

namespace metlog {

/// Steps an engine without threads from a thread of its own, for as long as it lives.
class Stepper {
 public:
  explicit Stepper(Engine& engine)
      : thread_([this, &engine] {
          // acquire: pairs with the release in the destructor
          while (!stopping_.load(std::memory_order_acquire)) {
            if (!engine.step()) std::this_thread::yield();
          }
        }) {}
  ~Stepper() {
    stopping_.store(true, std::memory_order_release);  // pairs as above
    thread_.join();
  }
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace metlog
