#pragma once

#include <string_view>

namespace metlog {

class Client;

// The process's clients by name, for those who need no more; holder.h has the whole. Any thread.
// They stay in place until the process ends; but one that has lost its name may be closed to make
// room for others, and calls to it do nothing from then on.

/// The client of this name, made if need be: without a destination, its logger is the name.
Client& get_client(std::string_view name);

/// The default client; null while there is none.
Client* default_client();

/// Whether the global configuration's `disabled_decorators`, a text or a list of texts, names this
/// kind: "timeit", "incr_count".
bool is_decorator_disabled(std::string_view kind);

}  // namespace metlog
