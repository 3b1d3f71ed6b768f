// The table of destinations in docs/configuration.md has every URL that there is, with all options
// that its sender takes, and no others.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using Words = std::set<std::string>;

/// The matches of a pattern's first group.
std::vector<std::string> found_in(const std::string& text, const char* pattern) {
  std::vector<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

Words set_of(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

/// A row of the table: URLs and options.
struct Row {
  std::string urls;
  std::string options;
};

std::vector<Row> rows() {
  constexpr std::string_view kHeading = "\n### Destinations\n";
  const std::string text = content_of(METLOG_CONFIGURATION_DOCUMENT);
  const std::size_t heading = text.find(kHeading);
  EXPECT_NE(heading, std::string::npos);
  std::istringstream lines(text.substr(heading + kHeading.size()));
  std::vector<Row> rows;
  const std::regex row(R"(\| (`.*) \| .* \| (.*)\|)");
  for (std::string line; std::getline(lines, line) && !line.starts_with("#");) {
    std::smatch parts;
    if (std::regex_match(line, parts, row)) rows.push_back({parts[1], parts[2]});
  }
  return rows;
}

/// The options that the sender of a URL takes, by its own words.
Words options_of(const std::string& url) {
  const std::string question = url.find('?') == std::string::npos ? "?" : "&";
  const absl::StatusOr<Url> parsed = parse_url(url + question + "nonsense=1");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  const std::string said(check_sender(*parsed).message());
  const std::size_t takes = said.rfind(": takes ");
  if (takes == std::string::npos || said.ends_with("takes none")) return {};
  return set_of(found_in(said.substr(takes + 8), "([a-z_]+)"));
}

/// The options that the document has of a URL. Those of formats are take_format()'s.
Words documented_options(const Row& row) {
  Words options = set_of(found_in(row.options, "`([a-z_]+)`"));
  for (const char* const of_format : {"facility", "rfc", "app", "sd_id", "prefix"}) {
    options.erase(of_format);
  }
  return options;
}

TEST(DestinationsDocument, HasEveryScheme) {
  const std::string said(make_sender("kafka://x:1").status().message());
  const std::string known = said.substr(said.find("known are "));
  Words documented;
  for (const Row& row : rows()) {
    for (const std::string& scheme : found_in(row.urls, "`([a-z+]+):")) documented.insert(scheme);
  }
  EXPECT_EQ(documented, set_of(found_in(known, "([a-z+]+):")));
}

TEST(DestinationsDocument, HasTheOptionsThatSendersTake) {
  std::size_t count = 0;
  for (const Row& row : rows()) {
    const std::vector<std::string> urls = found_in(row.urls, "`([^`]+)`");
    ASSERT_FALSE(urls.empty());
    std::string url = urls.front();
    url = std::regex_replace(url, std::regex("host:port"), "127.0.0.1:1");
    EXPECT_EQ(documented_options(row), options_of(url)) << row.urls;
    ++count;
  }
  EXPECT_GE(count, 11U);
}

}  // namespace
}  // namespace metlog
