#include "tools/metlog/match.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>

#include "metlog/internal/base/unique_fd.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/console/terminal.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/input/line_splitter.h"

namespace metlog {
namespace {

using Show = MatchOptions::Show;

constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;
constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr int kExitNone = 1;
constexpr int kExitFailed = 2;
// As grep has them by default.
constexpr std::string_view kNameColour = "\x1b[35m";
constexpr std::string_view kLineColour = "\x1b[32m";
constexpr std::string_view kSeparatorColour = "\x1b[36m";
constexpr std::string_view kPlain = "\x1b[m";

std::string reason_of(int error) { return std::generic_category().message(error); }

/// Decides about each message of one file after the other, and prints what the options ask for.
class Search final : public FrameSink {
 public:
  Search(const MessageMatcher& matcher, const MatchOptions& options);

  /// Begins a file of this name; the last one has ended.
  void begin(std::string_view name);
  bool take(const Frame& frame) override;
  /// Ends the file: prints its count or its name.
  void end();
  /// True when nothing more of the file can change what is printed.
  [[nodiscard]] bool is_done() const { return is_done_; }

  void flush();
  [[nodiscard]] const StandardOutput& output() const { return output_; }
  [[nodiscard]] std::uint64_t selected() const { return selected_; }
  /// "3 lines were no messages: not_json 3"; empty when all were.
  [[nodiscard]] std::string rejections() const;
  /// True when there was something, and none of it was a message.
  [[nodiscard]] bool found_no_message() const { return messages_ == 0 && rejected_total() != 0; }

 private:
  void append(const Frame& frame);
  void append_text(std::string_view text);
  void append_part(std::string_view text, std::string_view colour);
  [[nodiscard]] std::uint64_t rejected_total() const {
    return std::accumulate(rejected_.begin(), rejected_.end(), std::uint64_t{0});
  }

  const MessageMatcher& matcher_;
  const MatchOptions& options_;
  const bool shows_names_;
  const bool colours_;
  const bool is_terminal_;
  Decoder decoder_{{.message_bytes = kMaxMessage, .depth = 1024, .any_timestamp = true}};
  DecodedMessage message_;
  std::string name_;
  std::uint64_t line_ = 1;  // of the next message
  std::uint64_t file_selected_ = 0;
  bool is_done_ = false;
  std::uint64_t selected_ = 0;
  std::uint64_t messages_ = 0;
  std::array<std::uint64_t, kRejectReasonCount> rejected_{};
  std::string text_;
  StandardOutput output_;
};

Search::Search(const MessageMatcher& matcher, const MatchOptions& options)
    : matcher_(matcher),
      options_(options),
      shows_names_(options.names == MatchOptions::Names::kAlways ||
                   (options.names == MatchOptions::Names::kAuto && options.files.size() > 1)),
      colours_(uses_colours(options.colour)),
      is_terminal_(isatty(STDOUT_FILENO) != 0) {}

void Search::begin(std::string_view name) {
  name_ = is_terminal_ ? escape_for_terminal(name) : std::string(name);
  line_ = 1;
  file_selected_ = 0;
  is_done_ = options_.max_count == 0;
}

bool Search::take(const Frame& frame) {
  if (is_done_) return false;
  const auto reason = decoder_.decode({frame.text, frame.sent_bytes}, message_);
  if (reason.has_value()) {
    ++rejected_[static_cast<std::size_t>(*reason)];
  } else {
    ++messages_;
    if (matcher_.matches(message_) != options_.is_inverted) append(frame);
  }
  line_ += 1 + static_cast<std::uint64_t>(std::count(frame.text.begin(), frame.text.end(), '\n'));
  return !is_done_;
}

void Search::append(const Frame& frame) {
  ++selected_;
  ++file_selected_;
  is_done_ = file_selected_ == options_.max_count || options_.show == Show::kFiles ||
             options_.show == Show::kNothing;
  if (options_.show != Show::kMessages) return;
  if (shows_names_) append_part(name_, kNameColour);
  if (options_.shows_lines) append_part(std::to_string(line_), kLineColour);
  append_text(frame.text);
  if (text_.size() >= kChunkBytes) flush();
}

/// Appends a message and a line break; those that it has itself stay.
void Search::append_text(std::string_view text) {
  if (is_terminal_) {  // JSON may hold characters that a terminal interprets
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
      text_.append(escape_for_terminal(text.substr(0, end))).append("\n");
      text.remove_prefix(end + 1);
    }
    text_ += escape_for_terminal(text);
  } else {
    text_ += text;
  }
  text_ += '\n';
}

void Search::append_part(std::string_view text, std::string_view colour) {
  if (colours_) {
    text_.append(colour).append(text).append(kPlain);
    text_.append(kSeparatorColour).append(":").append(kPlain);
  } else {
    text_.append(text).append(":");
  }
}

void Search::end() {
  if (options_.show == Show::kCounts) {
    if (shows_names_) append_part(name_, kNameColour);
    text_ += std::to_string(file_selected_) + '\n';
  }
  if (options_.show == Show::kFiles && file_selected_ != 0) {
    text_.append(colours_ ? kNameColour : "").append(name_).append(colours_ ? kPlain : "");
    text_ += '\n';
  }
  flush();
}

void Search::flush() {
  output_.write(text_);
  text_.clear();
}

std::string Search::rejections() const {
  const std::uint64_t total = rejected_total();
  if (total == 0) return "";
  return fmt::format("{} {}: {}", grouped(total),
                     total == 1 ? "line was no message" : "lines were no messages",
                     counts_text<RejectReason>(rejected_));
}

/// Reads the files, and reports those that cannot be read.
class Files {
 public:
  Files(const MessageMatcher& matcher, const MatchOptions& options)
      : options_(options), search_(matcher, options) {}

  int search();

 private:
  void search_file(const std::string& path);
  void search_descriptor(int fd, const std::string& name);
  void fail(const std::string& what);
  [[nodiscard]] bool has_found_quietly() const {
    return options_.show == Show::kNothing && search_.selected() != 0;
  }
  [[nodiscard]] bool must_stop() const {
    return has_found_quietly() || stop_requested() || search_.output().error() != 0;
  }
  [[nodiscard]] int exit_code() const;

  const MatchOptions& options_;
  Search search_;
  std::string chunk_ = std::string(kChunkBytes, '\0');
  bool has_failed_ = false;
};

void Files::fail(const std::string& what) {
  has_failed_ = true;
  if (options_.reports_errors) report(what);
}

/// True when the standard output is added to the same file: what is printed would be read again,
/// without end.
bool is_output(int fd) {
  struct stat input {};
  struct stat output {};
  return fstat(fd, &input) == 0 && fstat(STDOUT_FILENO, &output) == 0 && S_ISREG(input.st_mode) &&
         input.st_dev == output.st_dev && input.st_ino == output.st_ino;
}

void Files::search_file(const std::string& path) {
  if (path == "-") {
    search_descriptor(STDIN_FILENO, "(standard input)");
    return;
  }
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.is_open()) {
    search_descriptor(fd.get(), path);
  } else {
    fail(fmt::format("cannot read {}: {}", escape_for_terminal(path), reason_of(errno)));
  }
}

void Files::search_descriptor(int fd, const std::string& name) {
  if (options_.show == Show::kMessages && is_output(fd)) {
    fail(fmt::format("{} is also the output; write to another file", escape_for_terminal(name)));
    return;
  }
  search_.begin(name);
  LineSplitter messages(kMaxMessage, LineSplitter::Into::kMessages);
  while (!search_.is_done() && !must_stop()) {
    const ssize_t count = ::read(fd, chunk_.data(), chunk_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail(fmt::format("cannot read {}: {}", escape_for_terminal(name), reason_of(errno)));
    }
    if (count <= 0) {
      messages.finish(search_);  // a last line without a line break
      break;
    }
    messages.add({chunk_.data(), static_cast<std::size_t>(count)}, search_);
    search_.flush();
  }
  search_.end();
}

int Files::exit_code() const {
  if (has_found_quietly()) return kExitDone;
  if (has_failed_) return kExitFailed;
  if (stop_requested()) return kExitInterrupted;
  return search_.selected() != 0 ? kExitDone : kExitNone;
}

int Files::search() {
  install_stop_signals();
  const std::vector<std::string> standard_input = {"-"};
  for (const std::string& path : options_.files.empty() ? standard_input : options_.files) {
    if (must_stop()) break;
    search_file(path);
  }
  if (const int error = search_.output().error(); error != 0 && error != EPIPE) {
    fail(fmt::format("cannot write the standard output: {}", reason_of(error)));
  }
  const std::string rejections = search_.rejections();
  if (search_.found_no_message()) {
    fail(rejections + "; a message is a JSON object with nine keys, as metlogd writes it");
  } else if (!rejections.empty() && options_.reports_errors && !has_found_quietly()) {
    report(rejections);
  }
  return exit_code();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const MessageMatcher>> compile_expression(const std::string& text) {
  absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(text);
  if (!matcher.ok()) return matcher.status();
  for (const std::string& note : matcher->notes()) report("the expression, " + note);
  return std::make_shared<const MessageMatcher>(*std::move(matcher));
}

int run_match(const MatchOptions& options) {
  const auto matcher = compile_expression(options.expression);
  return matcher.ok() ? Files(**matcher, options).search() : refuse("EXPR", matcher.status());
}

}  // namespace metlog
