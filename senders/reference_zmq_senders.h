#pragma once

#include "metlog/provider/provider_table.h"
#include "metlog/provider/providers.h"

namespace metlog {

/// Adds the reference's senders of the module `zmq`.
void add_zmq_senders(ProviderTable<SenderProvider>& table);

}  // namespace metlog
