#include <CLI/CLI.hpp>

#include "tools/console/option_checks.h"
#include "tools/metlog/match.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog match "Severity <= 3" shop.jsonl
      errors and worse
  metlog match -c "Type == 'timer' && Fields[name] =~ /^db\./" a.jsonl b.jsonl
      how many timers of the database each file has
  ./shop | metlog match "Fields[user] == 4711 || Payload =~ /refused/" | metlog tail -
      of what a program writes to its standard output, as lines for a person

An expression compares Type, Logger, Severity, Payload, EnvVersion, Pid, Hostname,
Timestamp (nanoseconds since 1970) and Fields[name] with texts in quotes, numbers,
TRUE, FALSE or NIL, by == != < <= > >=, and texts with regular expressions between
slashes, by =~ !~. && and || join comparisons, parentheses group them. What it means
in full: docs/matcher.md.

A message is a line, or indented over several lines; it is printed as it is. Lines
that are no messages are counted and never printed, nor with -v. Exit codes, as of
grep: 0 something matches, 1 nothing does, 2 wrong usage, a file that cannot be read,
or nothing but lines that are no messages; 130 ended by a signal.)";

void add_shown(CLI::App& match, MatchOptions& options) {
  using Show = MatchOptions::Show;
  using Names = MatchOptions::Names;
  const auto shows = [&options](Show show) { return [&options, show] { options.show = show; }; };
  match.add_flag_callback("-c,--count", shows(Show::kCounts),
                          "Print only how many messages match, for each file");
  match.add_flag_callback("-l,--files-with-matches", shows(Show::kFiles),
                          "Print only the names of files in which something matches");
  match.add_flag_callback("-q,--quiet", shows(Show::kNothing),
                          "Print nothing, and end at the first match");
  match.add_flag("-n,--line-number", options.shows_lines,
                 "Print before a message the number of its first line");
  match.add_flag_callback(
      "-H,--with-filename", [&options] { options.names = Names::kAlways; },
      "Print the file's name before each message; the default with several files");
  match.add_flag_callback(
      "-h,--no-filename", [&options] { options.names = Names::kNever; }, "Print no names");
  add_colour(match, options.colour,
             "Colours of names and line numbers; auto: on a terminal, unless NO_COLOR is set");
}

}  // namespace

CLI::App* add_match(CLI::App& app, MatchOptions& options) {
  CLI::App* const match = app.add_subcommand(
      "match", "Print the messages in files that match an expression, like grep");
  match->set_help_flag("--help", "Print this help message and exit");
  match->footer(kExamples);
  match->add_option("EXPR", options.expression, "What a message must match")
      ->required()
      ->type_name("");
  match
      ->add_option("FILE", options.files,
                   "Files of JSON messages; - is the standard input, as is no file")
      ->type_name("");
  match->add_flag("-v,--invert-match", options.is_inverted, "Print the messages that do not match");
  match->add_option("-m,--max-count", options.max_count, "Leave each file after so many messages")
      ->type_name("N");
  add_shown(*match, options);
  match->add_flag_callback(
      "-s,--no-messages", [&options] { options.reports_errors = false; },
      "Do not report files that cannot be read, nor lines that are no messages");
  return match;
}

}  // namespace metlog
