#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Returns the result for a person: the tables, the choice to paste, and its reasons.
std::string to_text(const TuneResult& result, bool coloured);

/// The cells of a row, in the order of row_headings(). A figure that means nothing is a dash, and
/// the last cell has the reason.
std::vector<std::string> cells_of(const Row& row);
const std::vector<std::string>& row_headings();

/// Formats lines of cells as columns, aligned to the right except for the first and, where there
/// are more than three, the last.
std::string aligned(const std::vector<std::vector<std::string>>& lines);

/// The figures of the confirmation: a heading, then one line per figure.
std::vector<std::vector<std::string>> confirmation_lines(const TuneResult& result);

/// Sentences on a search that was interrupted or had no time for everything.
std::vector<std::string> search_remarks(const TuneResult& result);

}  // namespace metlog
