#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/text/timestamp_text.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/message_part.h"

namespace metlog {

/// The path of a file that depends on the message: /var/log/%{Logger}/%Y-%m-%d.jsonl
///
///   %{Type} %{Logger} %{Fields[name]} and the other names of MessagePart
///   %Y %m %d %H %M %S %j %y                    the message's time, as strftime(3) has it
///   %%                                         a percent sign
///
/// A value cannot change the folder: `/`, NUL, controls and invisible characters become `_`, as
/// does a dot at its beginning; it is cut to 64 bytes; an absent or empty one is `_`. Objects and
/// arrays count as absent. Immutable; any thread.
class PathTemplate {
 public:
  /// The most bytes that a value has in a path.
  static constexpr std::size_t kMaxValueBytes = 64;

  /// kInvalidArgument names what is wrong; error_offset() says where. `text` is an absolute path.
  static absl::StatusOr<PathTemplate> parse(std::string_view text);
  /// The byte of the template that such an error is about.
  static std::size_t error_offset(const absl::Status& error);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The folder in which all files are: what precedes the first part that varies, without a slash
  /// at its end.
  [[nodiscard]] const std::string& root() const { return root_; }
  /// True when every message has the same path.
  [[nodiscard]] bool is_constant() const { return is_constant_; }
  /// True when every path ends in fixed text that no number follows, so that a rotated file, whose
  /// name ends in a number, is never a path of the template.
  [[nodiscard]] bool ends_in_fixed_text() const;
  /// True when the time is a part of it.
  [[nodiscard]] bool has_time() const;
  /// True when later times have other paths, and a path says which is later: it has a year, and no
  /// part of the time without the next larger one.
  [[nodiscard]] bool is_ordered_by_time() const;

  /// What the names of folders and files below root() look like, one after the other.
  struct Component {
    static constexpr char kValue = 'v';
    std::string regex;   // of RE2's syntax, for the whole name
    std::string groups;  // what each of its groups is: a letter of a time, or kValue
  };
  [[nodiscard]] std::vector<Component> components() const;

  /// Writes the path of a message below root() to `path`. `utc_ns` is the time, in nanoseconds from
  /// 1970, UTC.
  void write(const DecodedMessage& message, std::int64_t utc_ns, TimeZone zone,
             std::string& path) const;

 private:
  struct Part {
    enum class Kind : std::uint8_t { kText, kTime, kPart };
    Kind kind = Kind::kText;
    std::string text = {};  // of kText; the letter of kTime
    std::optional<MessagePart> part = {};
  };

  class Reader;

  static std::size_t max_bytes_of(const Part& part);
  static void append_part(const Part& part, const DecodedMessage& message, std::string& path);

  std::string text_;
  std::string root_;
  std::vector<Part> parts_;  // of the path below root_
  bool is_constant_ = true;
};

}  // namespace metlog
