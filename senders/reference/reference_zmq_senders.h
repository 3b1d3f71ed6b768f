#pragma once

#include "metlog/internal/provider/provider_table.h"
#include "metlog/providers.h"

namespace metlog {

/// Adds the reference's senders of the module `zmq`.
void add_zmq_senders(ProviderTable<SenderProvider>& table);

}  // namespace metlog
