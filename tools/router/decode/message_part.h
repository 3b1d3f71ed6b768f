#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// A part of a message by the name that settings have for it: Type, Logger, Severity, Level (the
/// severity as a word), Hostname, Pid, EnvVersion, or Fields[name], where a name may be a path into
/// objects. Immutable; any thread.
class MessagePart {
 public:
  /// The names, for errors.
  static constexpr const char* kKnown =
      "Type, Logger, Severity, Level, Hostname, Pid, EnvVersion and Fields[name]";

  static std::optional<MessagePart> named(std::string_view name);

  /// True for a number of the envelope, whose text is at most kMaxIntBytes long.
  [[nodiscard]] bool is_number() const { return kind_ == Kind::kSeverity || kind_ == Kind::kPid; }
  /// Appends its text; nothing for what is absent, an object or an array.
  void append_to(std::string& out, const DecodedMessage& message) const;

 private:
  enum class Kind {
    kType,
    kLogger,
    kSeverity,
    kLevel,
    kHostname,
    kPid,
    kVersion,
    kField,
  };

  MessagePart(Kind kind, std::string_view field) : kind_(kind), field_(field) {}

  Kind kind_;
  std::string field_;
};

/// A text with parts of the message in it: logs-%{Logger}-default; %% is a percent sign. Immutable;
/// any thread.
class MessageTemplate {
 public:
  /// kInvalidArgument names what is wrong.
  static absl::StatusOr<MessageTemplate> parse(std::string_view text);

  void append_to(std::string& out, const DecodedMessage& message) const;

 private:
  struct Piece {
    std::string text;
    std::optional<MessagePart> part;  // which follows the text
  };

  std::vector<Piece> pieces_;
};

}  // namespace metlog
