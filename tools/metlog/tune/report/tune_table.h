#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Everything for a human: the tables, the choice to paste, and why it was chosen.
std::string to_text(const TuneResult& result, bool coloured);

/// A row's cells, in the order of row_headings(); what means nothing is a dash, with the reason in
/// the last cell.
std::vector<std::string> cells_of(const Row& row);
const std::vector<std::string>& row_headings();

/// Under this many columns, aligned to the right but for the first and the last.
std::string aligned(const std::vector<std::vector<std::string>>& lines);

/// The confirmation's figures: a heading, then a line each.
std::vector<std::vector<std::string>> confirmation_lines(const TuneResult& result);

/// What to say of a search that was cut short, or had no time for everything; may be empty.
std::string search_remarks(const TuneResult& result);

/// Everything for a machine: one JSON object on one line, a newline behind it.
std::string to_json(const TuneResult& result);
std::string to_json(const Row& row);

}  // namespace metlog
