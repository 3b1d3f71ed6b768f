#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/router/config/config_errors.h"
#include "tools/router/config/config_value.h"

namespace metlog {

/// Reads the keys of one table of a configuration:
///
///   options.path = settings.required_text("path");
///   options.hold = settings.duration("hold", {.min = 0s, .max = 1h, .preset = 2s});
///   settings.finish();   // once, by whoever made it: every key that was not asked for is an error
///
/// A value of another type or out of its range is an error with its place, and the getter returns
/// the preset: whoever reads goes on, so that all errors are found at once, and what was read is
/// used only when ConfigErrors is empty. The table and the errors must outlive this. Used by one
/// thread.
class Settings {
 public:
  struct IntegerRange {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::int64_t preset = 0;
  };
  struct NumberRange {
    double min;
    double max;
    double preset;
  };
  struct ByteRange {
    std::size_t min;
    std::size_t max;
    std::size_t preset;
  };
  struct DurationRange {
    std::chrono::nanoseconds min;
    std::chrono::nanoseconds max;
    std::chrono::nanoseconds preset;
  };

  template <class T>
  struct Choice {
    std::string_view name;
    T value;
  };

  /// `path` names the table in messages: output.errors.
  Settings(std::string path, const ConfigValue& table, ConfigErrors& errors);
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const ConfigPlace& place() const { return table_.place; }
  /// False for what the command line says.
  [[nodiscard]] bool is_from_file() const { return table_.place.line != 0; }
  /// True when the key is there, whatever its value; it counts as asked for.
  bool has(std::string_view key);
  /// True when its value is a table.
  bool is_table(std::string_view key);
  /// True when its value is a list without items.
  bool is_empty_list(std::string_view key);
  /// All keys, in the order of their places. They do not count as asked for.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// The table as identity_of() has it, without one of its keys.
  [[nodiscard]] std::string identity(std::string_view without = {}) const;

  std::string text(std::string_view key, std::string_view preset = {});
  /// An error when it is absent or empty; `example` is shown then.
  std::string required_text(std::string_view key, std::string_view example);
  /// A list of texts, or one text.
  std::vector<std::string> texts(std::string_view key);
  std::int64_t integer(std::string_view key, const IntegerRange& range);
  /// A list of whole numbers in the range, or one; the preset alone when it is absent.
  std::vector<std::int64_t> integers(std::string_view key, const IntegerRange& range);
  /// A whole number counts, too.
  double number(std::string_view key, const NumberRange& range);
  /// A list of numbers in the range, or one; `preset` when it is absent.
  std::vector<double> numbers(std::string_view key, const NumberRange& range,
                              std::vector<double> preset);
  /// 4096, or a text as "16 MiB": see parse_bytes().
  std::size_t bytes(std::string_view key, const ByteRange& range);
  /// A text as "500ms": see parse_duration(). 0 needs no unit.
  std::chrono::nanoseconds duration(std::string_view key, const DurationRange& range);
  bool flag(std::string_view key, bool preset);
  /// One of some words: one_of("on_full", {{"drop", kDrop}, {"block", kBlock}}, kDrop).
  template <class T>
  T one_of(std::string_view key, std::initializer_list<Choice<std::type_identity_t<T>>> choices,
           T preset) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices) names.push_back(choice.name);
    const std::size_t chosen = choose(key, names);
    return chosen == kNone ? preset : (choices.begin() + chosen)->value;
  }
  /// A sub-table whose keys are the user's own and whose values are texts, such as headers.
  std::map<std::string, std::string> text_map(std::string_view key);
  /// A sub-table with settings; null when it is absent. finish() includes it.
  Settings* table(std::string_view key);

  /// Says that the value of the key is wrong: `what` completes "<key>: <value> ...", such as "is
  /// not a DSN; write https://KEY@HOST/PROJECT".
  void refuse(std::string_view key, std::string_view what);
  /// The same for the part of a text from byte `offset` on; `what` is a whole sentence.
  void refuse_at(std::string_view key, std::size_t offset, std::string_view what);
  /// Says that a key is missing, as required_text() does.
  void miss(std::string_view key, std::string_view example);
  /// Says what is allowed but hardly meant.
  void note(std::string_view key, std::string_view what);

  /// Reports each key that nobody has asked for, with the nearest one that somebody has.
  void finish();
  /// Lets finish() report nothing: what the keys should be is not known.
  void leave_unchecked() { is_unchecked_ = true; }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// The value of the key, which counts as asked for; null when it is absent.
  const ConfigValue* find(std::string_view key);
  /// The same if it is of this kind; else an error that says what the key takes.
  const ConfigValue* find(std::string_view key, ConfigValue::Kind kind, std::string_view takes);
  std::size_t choose(std::string_view key, std::span<const std::string_view> names);
  [[nodiscard]] std::string path_of(std::string_view key) const;

  const std::string path_;
  const ConfigValue& table_;
  ConfigErrors& errors_;
  std::vector<std::string> asked_for_;
  bool is_unchecked_ = false;
  std::map<std::string, std::unique_ptr<Settings>, std::less<>> tables_;
};

/// "did you mean drop?" with a leading "; ", or nothing when no name is near.
std::string did_you_mean(std::string_view text, std::span<const std::string_view> names);

}  // namespace metlog
