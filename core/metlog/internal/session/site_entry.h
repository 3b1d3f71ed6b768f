#pragma once

#include <string>

#include "metlog/internal/site/site_registry.h"

namespace metlog {

/// A call site as an entry of the dictionary file (docs/ring.md): length, CRC-32C, contents.
std::string encode_site_entry(const RegisteredSite& site);

}  // namespace metlog
