#include "metlog/internal/config/interpolation.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/config/trimmed.h"

namespace metlog {
namespace {

absl::Status wrong(std::string message) { return absl::InvalidArgumentError(std::move(message)); }

/// One value on its way; texts inside it go through append() too.
class Interpolation {
 public:
  explicit Interpolation(const IniScope& scope) : scope_(scope) {}

  absl::Status append(std::string_view text, int depth) {
    if (depth > kMaxInterpolationDepth) {
      return wrong(absl::StrCat("refers to itself, or to more than ", kMaxInterpolationDepth,
                                " options one behind the other"));
    }
    while (!text.empty()) {
      const std::size_t plain = std::min(text.find('%'), text.size());
      out_.append(text.substr(0, plain));
      text.remove_prefix(plain);
      if (text.empty()) break;
      if (absl::Status status = take_percent(text, depth); !status.ok()) return status;
      if (out_.size() > kMaxInterpolatedBytes || references_ > kMaxReferences) {
        return wrong("grows beyond all bounds; let it refer to less");
      }
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  /// The text begins with a percent sign; takes what belongs to it off.
  absl::Status take_percent(std::string_view& text, int depth) {
    if (text.substr(0, 2) == "%%") {
      out_ += '%';
      text.remove_prefix(2);
      return absl::OkStatus();
    }
    const std::size_t end = text.find(')');
    const bool is_reference = text.substr(0, 2) == "%(" && end != std::string_view::npos &&
                              end > 2 && text.substr(end, 2) == ")s";
    if (!is_reference) {
      return wrong(std::string("has a lone % at ")
                       .append(quoted(text))
                       .append("; write %% for a percent sign, %(name)s for an option's value"));
    }
    const std::string name = lowered(text.substr(2, end - 2));
    text.remove_prefix(end + 2);
    return refer_to(name, depth);
  }

  absl::Status refer_to(const std::string& name, int depth) {
    ++references_;
    const std::optional<std::string_view> value = scope_.find(name);
    if (value.has_value()) return append(*value, depth + 1);
    return wrong(std::string("refers to ")
                     .append(quoted(name))
                     .append(", but neither [")
                     .append(shown(scope_.section().name))
                     .append("] nor [DEFAULT] has such an option"));
  }

  const IniScope& scope_;
  std::string out_;
  int references_ = 0;
};

}  // namespace

absl::StatusOr<std::string> interpolate(std::string_view text, const IniScope& scope) {
  Interpolation interpolation(scope);
  if (absl::Status status = interpolation.append(text, 1); !status.ok()) return status;
  return interpolation.take();
}

}  // namespace metlog
