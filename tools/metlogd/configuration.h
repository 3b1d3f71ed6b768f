#pragma once

#include "tools/metlogd/options.h"
#include "tools/router/config/config_errors.h"
#include "tools/router/config/config_value.h"

namespace metlog {

/// The configuration of metlogd: what the command line says, in the form of a file, so that both
/// are read and checked by the same code. With --config it is the file with what the command line
/// adds:
///
///   [metlogd]           an option that is given replaces the key of its name
///   [input], [output]   those of the command line are added; its defaults are not, unless there
///                       are no inputs, or no outputs, at all
ConfigValue read_configuration(const Options& options, ConfigErrors& errors);

}  // namespace metlog
