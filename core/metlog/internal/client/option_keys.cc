#include "metlog/internal/client/option_keys.h"

#include <bit>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "metlog/engine.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/engine/engine_state.h"

namespace metlog {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 40;
constexpr std::int64_t kMinRing = 4096;
constexpr std::int64_t kMaxRing = std::int64_t{64} << 20;

/// A key whose value is a whole number.
template <class Options>
struct NumberKey {
  std::string_view name;
  IntegerRange range;
  void (*set)(Options& options, std::int64_t number);
};

/// A key whose value is one of some words; `set` gets the word's index.
template <class Options>
struct WordKey {
  std::string_view name;
  std::vector<std::string_view> words;
  void (*set)(Options& options, std::size_t index);
};

constexpr NumberKey<ClientOptions> kClientNumbers[] = {
    {"pool_size",
     {1, 64},
     [](ClientOptions& options, std::int64_t number) {
       options.pool_size = static_cast<std::size_t>(number);
     }},
    {"batch_bytes",
     {1, std::int64_t{1} << 30},
     [](ClientOptions& options, std::int64_t number) {
       options.batch_bytes = static_cast<std::size_t>(number);
     }},
    {"batch_count",
     {1, 65'536},
     [](ClientOptions& options, std::int64_t number) {
       options.batch_count = static_cast<std::size_t>(number);
     }},
    {"grow_limit_bytes",
     {kMinRing, kMaxBytes},
     [](ClientOptions& options, std::int64_t number) {
       options.grow_limit_bytes = static_cast<std::uint64_t>(number);
     }},
    {"stats_interval_ms",
     {0, 86'400'000},
     [](ClientOptions& options, std::int64_t number) {
       options.stats_interval = milliseconds(number);
     }},
    {"close_limit_ms",
     {0, 3'600'000},
     [](ClientOptions& options, std::int64_t number) {
       options.close_limit = milliseconds(number);
     }},
};

constexpr NumberKey<EngineOptions> kEngineNumbers[] = {
    {"ring_bytes",
     {kMinRing, kMaxRing},
     [](EngineOptions& options, std::int64_t number) {
       options.ring_bytes = static_cast<std::size_t>(number);
     }},
    {"max_ring_bytes",
     {kMinRing, kMaxBytes},
     [](EngineOptions& options, std::int64_t number) {
       options.max_ring_bytes = static_cast<std::size_t>(number);
     }},
    {"spare_rings",
     {0, 1024},
     [](EngineOptions& options, std::int64_t number) {
       options.spare_rings = static_cast<std::size_t>(number);
     }},
    {"poll_interval_us",
     {1, 500'000},
     [](EngineOptions& options, std::int64_t number) {
       options.poll_interval = microseconds(number);
     }},
    {"max_poll_interval_us",
     {1, 500'000},
     [](EngineOptions& options, std::int64_t number) {
       options.max_poll_interval = microseconds(number);
     }},
    {"idle_interval_us",
     {1, 500'000},
     [](EngineOptions& options, std::int64_t number) {
       options.idle_interval = microseconds(number);
     }},
    {"crash_drain_limit_ms",
     {0, 60'000},
     [](EngineOptions& options, std::int64_t number) {
       options.crash_drain_limit = milliseconds(number);
     }},
    {"leftover_bytes",
     {0, kMaxBytes},
     [](EngineOptions& options, std::int64_t number) {
       options.leftover_bytes = static_cast<std::uint64_t>(number);
     }},
    {"wake_severity",
     {0, 4},
     [](EngineOptions& options, std::int64_t number) {
       options.wake_severity = static_cast<Severity>(number);
     }},
    {"thread_nice",
     {-20, 19},
     [](EngineOptions& options, std::int64_t number) {
       options.thread_nice = static_cast<int>(number);
     }},
    {"linger_us",
     {0, 500'000},
     [](EngineOptions& options, std::int64_t number) { options.linger = microseconds(number); }},
};

const std::vector<WordKey<ClientOptions>>& client_words() {
  static const auto* const kWords = new std::vector<WordKey<ClientOptions>>{
      {"when_full",
       {"drop", "block", "grow"},
       [](ClientOptions& options, std::size_t index) {
         constexpr WhenFull kReactions[] = {WhenFull::kDrop, WhenFull::kBlock, WhenFull::kGrow};
         options.when_full = kReactions[index];
       }},
      {"stamped_by",
       {"caller", "flusher"},
       [](ClientOptions& options, std::size_t index) {
         options.stamped_by = index == 0 ? StampedBy::kCaller : StampedBy::kFlusher;
       }},
      {"timer_resolution",
       {"nanoseconds", "milliseconds"},
       [](ClientOptions& options, std::size_t index) {
         options.timer_resolution =
             index == 0 ? TimerResolution::kNanoseconds : TimerResolution::kMilliseconds;
       }},
  };
  return *kWords;
}

const WordKey<EngineOptions>& recover_words() {
  static const auto* const kWords = new WordKey<EngineOptions>{
      "recover", {"all", "own", "none"}, [](EngineOptions& options, std::size_t index) {
        constexpr Recover kScopes[] = {Recover::kAll, Recover::kOwnProgram, Recover::kNone};
        options.recover = kScopes[index];
      }};
  return *kWords;
}

/// The value of a key; null when it is missing or null, which mean the default.
const Value* given(const ValueMap& dict, std::string_view key) {
  const Value* const value = dict.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

absl::StatusOr<std::int64_t> number_at(const ValueMap& dict, std::string_view key,
                                       IntegerRange range) {
  const std::string* const text = dict.find(key)->as_text();
  std::int64_t number = 0;
  if (text != nullptr && !text->empty()) {
    const char* const end = text->data() + text->size();
    const auto [after, error] = std::from_chars(text->data(), end, number);
    const bool is_number = error == std::errc() && after == end;
    if (is_number && number >= range.min && number <= range.max) return number;
  }
  return integer_at(dict, key, range);
}

template <class Options, std::size_t N>
absl::Status read_numbers(const ValueMap& dict, const NumberKey<Options> (&keys)[N],
                          Options& options) {
  for (const NumberKey<Options>& key : keys) {
    if (given(dict, key.name) == nullptr) continue;
    const absl::StatusOr<std::int64_t> number = number_at(dict, key.name, key.range);
    if (!number.ok()) return number.status();
    key.set(options, *number);
  }
  return absl::OkStatus();
}

template <class Options>
absl::Status read_word(const ValueMap& config, const WordKey<Options>& key, Options& options) {
  const Value* const value = given(config, key.name);
  if (value == nullptr) return absl::OkStatus();
  std::string wanted = "takes ";
  for (std::size_t i = 0; i < key.words.size(); ++i) {
    if (*value == Value(key.words[i])) {
      key.set(options, i);
      return absl::OkStatus();
    }
    if (i > 0) wanted.append(i + 1 < key.words.size() ? ", " : " or ");
    wanted.append(key.words[i]);
  }
  return value_error(key.name, *value, wanted);
}

/// What the numbers must be to each other and beyond their ranges.
absl::Status check_rings(const ValueMap& keys, const EngineOptions& options) {
  const Value* const ring = given(keys, "ring_bytes");
  const Value* const limit = given(keys, "max_ring_bytes");
  if (ring != nullptr && !std::has_single_bit(options.ring_bytes)) {
    return value_error("ring_bytes", *ring, "takes a power of two from 4096 to 67108864");
  }
  const bool is_given = ring != nullptr || limit != nullptr;
  if (!is_given || options.max_ring_bytes >= options.ring_bytes) return absl::OkStatus();
  return value_error("engine", limit != nullptr ? *limit : *ring,
                     "max_ring_bytes, those of all rings, is less than ring_bytes, those of one");
}

/// A list of CPUs as text, a single number, or in JSON a list of numbers.
absl::StatusOr<std::string> cpus_text(const Value& value) {
  if (const std::string* const text = value.as_text()) return *text;
  if (const std::int64_t* const number = value.as_integer()) return absl::StrCat(*number);
  const ValueList* const list = value.as_list();
  if (list == nullptr) return value_error("thread_affinity", value, "takes CPUs, such as 0,2-3");
  std::string joined;
  for (const Value& item : *list) {
    absl::StatusOr<std::string> text = cpus_text(item);
    if (!text.ok()) return text.status();
    absl::StrAppend(&joined, &item == list->data() ? "" : ",", *text);
  }
  return joined;
}

absl::Status read_threads(const ValueMap& keys, EngineOptions& options) {
  if (const Value* const name = given(keys, "thread_name")) {
    absl::StatusOr<std::string> text = text_at(keys, "thread_name");
    if (!text.ok()) return text.status();
    options.thread_name = *std::move(text);
    EngineOptions named;
    named.thread_name = options.thread_name;
    if (options.thread_name.empty() || !check_thread_options(named).ok()) {
      return value_error("thread_name", *name, "takes 1 to 9 characters of ASCII, no spaces");
    }
  }
  const Value* const cpus = given(keys, "thread_affinity");
  if (cpus == nullptr) return absl::OkStatus();
  absl::StatusOr<std::string> text = cpus_text(*cpus);
  if (!text.ok()) return text.status();
  if (const auto numbers = parse_cpu_list(*text); !numbers.ok()) {
    return value_error("thread_affinity", *cpus, std::string(numbers.status().message()));
  }
  options.thread_affinity = *std::move(text);
  return absl::OkStatus();
}

/// What the system refuses begins with the option's name.
absl::Status with_place(const absl::Status& status, const ValueMap& keys) {
  for (const ValueEntry& entry : keys) {
    if (!absl::StartsWith(status.message(), entry.key + " is ")) continue;
    const std::string what(status.message());
    return {status.code(), value_error(entry.key, entry.value, what).message()};
  }
  return status;
}

}  // namespace

absl::Status read_client_keys(const ValueMap& config, ClientOptions& options) {
  if (absl::Status status = read_numbers(config, kClientNumbers, options); !status.ok()) {
    return status;
  }
  if (given(config, "min_severity") != nullptr) {
    const absl::StatusOr<Severity> level = level_at(config, "min_severity");
    if (!level.ok()) return level.status();
    options.min_severity = *level;
  }
  for (const WordKey<ClientOptions>& key : client_words()) {
    if (absl::Status status = read_word(config, key, options); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status read_engine_keys(const ValueMap& keys, EngineOptions& options) {
  if (absl::Status status =
          check_keys(keys, {"ring_bytes", "max_ring_bytes", "spare_rings", "poll_interval_us",
                            "max_poll_interval_us", "idle_interval_us", "wake_when_filling",
                            "wake_severity", "thread_name", "thread_nice", "thread_affinity",
                            "linger_us", "use_tsc", "session_directory", "crash_handler",
                            "crash_drain_limit_ms", "recover", "leftover_bytes"});
      !status.ok()) {
    return status;
  }
  if (absl::Status status = read_numbers(keys, kEngineNumbers, options); !status.ok()) {
    return status;
  }
  for (const auto& [name, option] : {std::pair{"use_tsc", &EngineOptions::use_tsc},
                                     {"crash_handler", &EngineOptions::crash_handler},
                                     {"wake_when_filling", &EngineOptions::wake_when_filling}}) {
    if (given(keys, name) == nullptr) continue;
    const absl::StatusOr<bool> flag = bool_at(keys, name);
    if (!flag.ok()) return flag.status();
    options.*option = *flag;
  }
  if (given(keys, "session_directory") != nullptr) {
    absl::StatusOr<std::string> directory = text_at(keys, "session_directory");
    if (!directory.ok()) return directory.status();
    options.session_directory = *std::move(directory);
  }
  if (absl::Status status = read_word(keys, recover_words(), options); !status.ok()) return status;
  if (absl::Status status = read_threads(keys, options); !status.ok()) return status;
  return check_rings(keys, options);
}

absl::Status configure_engine(const ValueMap& keys, const Engine* running) {
  if (keys.empty()) return absl::OkStatus();
  const EngineOptions present = running != nullptr ? running->options() : Engine::process_options();
  EngineOptions wanted = present;
  if (absl::Status status = read_engine_keys(keys, wanted); !status.ok()) return status;
  if (wanted == present) return absl::OkStatus();
  if (running == nullptr) {
    const absl::Status status = Engine::configure(wanted);
    if (!absl::IsFailedPrecondition(status)) return with_place(status, keys);
  }
  for (const ValueEntry& entry : keys) {
    EngineOptions one = present;
    // The keys together were right above, so that only two of them can be wrong by themselves.
    read_engine_keys({entry}, one).IgnoreError();
    if (one == present) continue;
    const absl::Status other =
        value_error(entry.key, entry.value,
                    "the process's engine runs already with another value; give this key to the "
                    "first client that the process opens, or leave it out");
    return absl::FailedPreconditionError(other.message());
  }
  return absl::FailedPreconditionError("the process's engine runs already with other options");
}

}  // namespace metlog
