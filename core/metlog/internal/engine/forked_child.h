#pragma once

#include <cstdint>
#include <memory>

#include "metlog/engine.h"

namespace metlog {

class RingSet;

/// The engine of a forked child: new session, rings, threads and connections, with the clients of
/// the parent. What it cannot have yet is tried again once a second; until then the messages
/// concerned are lost as kForked.
class ForkedChild {
 public:
  /// Returns the state of the engine in this process, which a child makes and starts now; null
  /// while the engine, or that state, is being made. Any thread.
  static Engine::State* own_state(Engine& engine);
  /// Returns the rings of the engine in this process. Null when they cannot be used: then a call of
  /// the client is lost, and counted. Any thread.
  static RingSet* rings_for_call(Engine& engine, std::uint32_t client);

 private:
  /// True for a slot whose client is closed or destroyed, but whose filter or sender has not
  /// returned yet.
  static bool is_gone(const Engine::State& parent, std::uint32_t slot);
  static std::unique_ptr<Engine::State> make_state(const Engine::State& parent);
};

}  // namespace metlog
