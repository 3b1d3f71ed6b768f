#pragma once

#include <string>

#include "metlog/internal/config/ini.h"

namespace metlog {

/// The document as text that reads back as the same document.
std::string ini_text(const IniDocument& document);

/// Whether two documents say the same, whatever the lines on which they say it.
bool says_the_same(const IniDocument& one, const IniDocument& other);

}  // namespace metlog
