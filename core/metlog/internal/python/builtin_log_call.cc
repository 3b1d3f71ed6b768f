#include "metlog/internal/python/builtin_log_call.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "metlog/percent.h"

namespace metlog {
namespace {

/// As the original's language has it: nothing, zero and what is empty say no.
bool says_yes(const Value& value) {
  for (const Value& no : {Value(), Value(false), Value(0), Value(0.0), Value(""),
                          Value(ValueList{}), Value(ValueMap{})}) {
    if (value == no) return false;
  }
  return true;
}

/// `exc_info` by name; false for a name that is not known.
bool read_named(const ValueMap& named, bool& wants_error) {
  for (const ValueEntry& entry : named) {
    if (entry.key != "exc_info") return false;
    wants_error = says_yes(entry.value);
  }
  return true;
}

/// Formats the positional arguments from `first` on by the text in front of all.
absl::StatusOr<Value> log_formatted(Client& client, Severity severity, const ValueList& positional,
                                    std::size_t first, bool wants_error) {
  if (positional.empty() || positional.front().as_text() == nullptr) {
    return absl::InvalidArgumentError("a log call takes a text first: msg");
  }
  const std::size_t skipped = std::min(first, positional.size());
  const absl::StatusOr<std::string> text = percent_format_values(
      *positional.front().as_text(), positional.data() + skipped, positional.size() - skipped);
  if (!text.ok()) return text.status();
  const std::exception_ptr error = wants_error ? std::current_exception() : nullptr;
  client.log(severity, *text, wants_error ? ExceptionRef(error) : kNoTrace);
  return Value();
}

}  // namespace

absl::StatusOr<Value> call_log(Client& client, Severity severity, const Arguments& arguments) {
  bool wants_error = false;
  if (!read_named(arguments.named, wants_error)) {
    return absl::InvalidArgumentError("a log call takes (msg, args..., exc_info)");
  }
  return log_formatted(client, severity, arguments.positional, 1, wants_error);
}

absl::StatusOr<Value> call_exception(Client& client, const Arguments& arguments) {
  const ValueList& given = arguments.positional;
  bool wants_error = given.size() < 2 || says_yes(given[1]);
  if (!read_named(arguments.named, wants_error) || (given.size() > 1 && !arguments.named.empty())) {
    return absl::InvalidArgumentError("exception() takes (msg, exc_info, args...)");
  }
  return log_formatted(client, Severity::kAlert, given, 2, wants_error);
}

}  // namespace metlog
