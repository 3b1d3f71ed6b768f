#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "metlog/engine.h"
#include "metlog/options.h"

namespace metlog {

/// What a client holds behind its gate.
struct ClientState {
  Engine* engine;
  ClientOptions options;
  bool is_open = true;
  Receipt receipt;  // once closed
  Ledger ledger;    // once closed
};

}  // namespace metlog
