#include "metlog/exception_text.h"

#include "absl/strings/str_cat.h"
#include "metlog/internal/client/thrown.h"

namespace metlog {
namespace {

/// One line for each frame: "  shop::pay(int)+0x1f [/usr/bin/shop]".
std::string stack_trace() {
  constexpr int kOwnFrames = 4;  // from stack_frames() to the caller of exception_text()
  std::string text;
  for (const StackFrame& frame : stack_frames(kOwnFrames)) {
    absl::StrAppend(&text, "  ", frame.function.empty() ? "?" : frame.function, "+0x",
                    absl::Hex(frame.offset), " [", frame.object, "]\n");
  }
  return text;
}

std::string chain_text(Thrown thrown) {
  constexpr int kMaxCauses = 16;
  std::string text = thrown.text();
  for (int depth = 0; thrown.cause != nullptr; ++depth) {
    if (depth == kMaxCauses) return text.append("\ncaused by more");
    thrown = describe(thrown.cause);
    text.append("\ncaused by ").append(thrown.text());
  }
  return text;
}

}  // namespace

ExceptionRef with_frames(const ExceptionRef& error) {
  ExceptionRef framed = error;
  framed.has_frames_ = true;
  return framed;
}

std::string exception_text(const ExceptionRef& error) {
  if (error.is_none()) return {};
  std::string text;
  if (error.has_frames()) {
    text.append("Caught at (most recent call last):\n").append(stack_trace());
  }
  text += chain_text(describe(error));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string exception_after(std::string_view text, const ExceptionRef& error) {
  if (error.is_none()) return {};
  std::string appended(text.ends_with('\n') ? 0U : 1U, '\n');
  return appended += exception_text(error);
}

}  // namespace metlog
