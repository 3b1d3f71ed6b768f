#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/message_path.h"

namespace metlog {

/// The rules by which a router gives tags to messages, one after the other: what the original's
/// tagger and catchall did. A tag that no condition asks for has no bit and costs nothing.
/// Immutable once it is built.
class TagRules {
 public:
  static constexpr std::size_t kMaxTags = 64;

  /// The texts that a part of the message may be, any of them; "*" is every text, also none.
  struct Pattern {
    MessagePath path;
    std::vector<std::string> texts;
  };
  struct Rule {
    std::uint64_t needs = 0;         // tags that a message must have, all of them
    std::uint64_t has_none_of = 0;   // tags of which a message must have none
    bool takes_any = false;          // without a look at the patterns
    std::vector<Pattern> patterns;   // one must fit
    std::vector<std::string> gives;  // tags; %{PATH} in one is a part of the message
  };

  /// `bits` are those of the tags that conditions ask for.
  TagRules(std::map<std::string, std::uint64_t, std::less<>> bits, std::vector<Rule> rules);

  /// The bits of these tags; others have none.
  [[nodiscard]] std::uint64_t bits_of(const std::vector<std::string>& tags) const;
  /// What the rules make of the tags that a message has. Linear in the rules and the message.
  [[nodiscard]] std::uint64_t tags_of(const DecodedMessage& message, std::uint64_t tags) const;

 private:
  /// A tag with parts of the message in it: each is a text and then maybe a path.
  struct Piece {
    std::string text;
    std::optional<MessagePath> path;
    std::string source;  // of the path, which is kept where the message has no such part
  };
  using Template = std::vector<Piece>;
  struct Compiled {
    Rule rule;
    std::uint64_t gives = 0;
    std::vector<Template> templates;
  };

  static Template parse_template(std::string_view text);
  [[nodiscard]] std::uint64_t bit_of(const Template& tag, const DecodedMessage& message) const;
  static bool fits(const Rule& rule, const DecodedMessage& message);

  const std::map<std::string, std::uint64_t, std::less<>> bits_;
  std::vector<Compiled> rules_;
};

/// True when a tag has a %{PATH} in it.
[[nodiscard]] bool is_tag_template(std::string_view tag);

}  // namespace metlog
