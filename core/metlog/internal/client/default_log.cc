#include "metlog/default_log.h"

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <string>

#include "metlog/engine.h"
#include "metlog/holder.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/metlog.h"

namespace metlog {

constinit std::atomic<Client*> DefaultLog::chosen_client{nullptr};

// Reentrant: the program's allocator may log while its first client is made, to the same one.
Client& DefaultLog::find() {
  static constinit ReentrantMutex mutex;
  const std::lock_guard lock(mutex);
  if (Client* const client = chosen_client.load(std::memory_order_acquire))
    return *client;  // as get()
  Client* found = default_client();
  if (found == nullptr) {
    const std::string name = program_invocation_short_name;
    Holder::instance().set_default_client_name(name);
    found = &get_client(name);
    const absl::Status opened = reconfigure(*found, "stderr:?format=text", {.logger = name});
    if (!opened.ok()) {
      std::fprintf(stderr, "metlog: no default client: %s\n",
                   std::string(opened.message()).c_str());
    }
  }
  Client* none = nullptr;
  // A client that was set meanwhile stays. release: pairs with the acquire in get()
  chosen_client.compare_exchange_strong(none, found, std::memory_order_acq_rel);
  return none == nullptr ? *found : *none;
}

}  // namespace metlog
