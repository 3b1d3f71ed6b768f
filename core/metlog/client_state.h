#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "metlog/builtin_methods.h"
#include "metlog/engine.h"
#include "metlog/options.h"
#include "metlog/provider/method_table.h"

namespace metlog {

/// What a client holds behind its gate.
struct ClientState {
  ClientState(Engine* of, ClientOptions with) : engine(of), options(std::move(with)) {}

  Engine* engine;
  ClientOptions options;
  bool is_open = true;
  Receipt receipt;  // once closed
  Ledger ledger;    // once closed
  MethodTable methods{is_clients_own};
};

/// Null for a client that was moved from.
inline ClientState* state_of(const Client& client) { return client.state_; }

}  // namespace metlog
