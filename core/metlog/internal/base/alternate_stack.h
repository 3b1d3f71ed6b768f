#pragma once

namespace metlog {

/// The stack on which a thread's fatal signals are handled, so that its own may be full. Given to
/// threads that have none; one that the program has installed stays. 64 KiB of addresses behind a
/// page that nothing may touch, of which memory is taken as it is used: the handlers of the program
/// run on it, too.
class AlternateStack {
 public:
  /// From now on threads get one. Any thread, as all here.
  static void want();
  /// Gives the calling thread one, if they are wanted and it has none. Where the system refuses it,
  /// the thread goes on without.
  static void give_to_thread();
  /// Takes back what give_to_thread() has given, and frees it.
  static void take_from_thread();

  /// For threads of ours: has one as long as the object lives.
  AlternateStack() { give_to_thread(); }
  ~AlternateStack() { take_from_thread(); }
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;
};

}  // namespace metlog
