#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/layout.h"
#include "metlog/internal/text/digits.h"
#include "metlog/internal/text/text_block.h"

namespace metlog {

/// The messages of one site: runs of what is the same in all of them, and what is between.
struct SiteRuns {
  /// What follows a run: nothing, a time with so many digits of the second, the text of a log call,
  /// the fields, any part.
  enum class Next : std::uint8_t { kEnd, kMillis, kMicros, kNanos, kText, kFields, kPart };
  struct Step {
    std::uint32_t begin;  // of the run
    std::uint32_t bytes;
    std::uint16_t part;  // the one that follows
    Next next;
  };

  TextBlock text;            // the runs, one after the other
  std::vector<Step> steps;   // empty until rendered
  std::uint64_t serial = 0;  // of the thread whose parts are in it; 0 for none
  std::uint32_t misses = 0;  // of other threads
  bool reads_args = false;   // a part does

  [[nodiscard]] char* append(char* out, const Step& step) const {
    return TextBlock::copy(out, text.bytes.data() + step.begin, step.bytes);
  }
};

/// What has been rendered of a layout for one client, to be copied into its messages: the runs of
/// its sites, what it shows of threads, the second. Used by one thread.
class RenderedLayout {
 public:
  RenderedLayout() = default;
  /// `process` outlives this.
  RenderedLayout(ClientText client, const ProcessText& process);

  [[nodiscard]] const ClientText& client() const { return client_; }
  [[nodiscard]] const Layout& layout() const { return *client_.layout; }

  /// Returns the runs of a record; null until they are rendered, and for a record that overrides
  /// its origin.
  [[nodiscard]] const SiteRuns* find(const RecordView& record) const {
    std::size_t index = record.layout->site->id - kFirstSiteId;
    std::size_t variant = record.context_bytes == 0 ? 0 : kContext;
    std::uint64_t serial = 0;
    if (layout().has_thread && record.thread != nullptr && record.thread->serial != 0) {
      serial = record.thread->serial;
      variant |= kKnown;
      index = index * kKnownThreads + serial % kKnownThreads;
    }
    const std::vector<SiteRuns>& sites = sites_[variant];
    if (index >= sites.size()) return nullptr;
    const SiteRuns& runs = sites[index];
    return runs.serial == serial && !runs.steps.empty() ? &runs : nullptr;
  }
  /// Writes a part of the record and returns the end.
  using PartWriter = std::function<char*(char* out, std::size_t part)>;
  /// Returns the runs of a record that does not override its origin, and renders them if need be.
  /// `room` is memory for any part of its message.
  const SiteRuns& runs_of(const RecordView& record, char* room, const PartWriter& write);
  /// Writes the parts of a run that are not per record.
  char* append_run(char* out, const Layout::Step& step, const PartSource& source) const;

  /// Returns the ns of the second; renders what the second decides when it is another one.
  std::uint32_t turn_to(std::int64_t utc_ns) {
    const std::uint64_t since = static_cast<std::uint64_t>(utc_ns) - second_start_;
    if (since < kSecondNs) [[likely]]
      return static_cast<std::uint32_t>(since);
    return turn_to_other(utc_ns);
  }
  /// Returns what the second decides of a part.
  [[nodiscard]] const TextBlock& second(std::size_t part) const { return seconds_[part]; }
  /// Writes a part that shows the time; null for any other.
  char* append_time(char* out, std::size_t part, std::int64_t utc_ns, std::uint32_t ns) const;
  /// Says when the last message was, for the parts that show the time since.
  void note_time(std::int64_t utc_ns) { last_ns_ = utc_ns; }

  /// Writes a part that shows the thread; nothing when it is not known.
  char* append_thread(char* out, std::size_t part, const ThreadText* thread);

 private:
  /// The parts of a layout that show a thread.
  struct ThreadParts {
    std::uint64_t serial = 0;      // of the thread; 0 for none
    std::vector<TextBlock> parts;  // by part; empty for others
  };
  static constexpr std::uint64_t kSecondNs = 1'000'000'000;
  static constexpr std::size_t kThreads = 64;
  static constexpr std::size_t kKnownThreads = 4;  // at one site

  /// The variants of a site's messages: those that have fields of a context, and those whose
  /// thread's parts are in the runs.
  enum Variant : std::uint8_t { kContext = 1, kKnown = 2, kVariants = 4 };

  SiteRuns& runs_at(std::size_t variant, std::size_t index);
  void render(SiteRuns& runs, const RecordView& record, char* room, const PartWriter& write) const;
  [[nodiscard]] SiteRuns::Next next_of(std::size_t part, const SiteLayout& site) const;
  std::uint32_t turn_to_other(std::int64_t utc_ns);

  ClientText client_;
  const ProcessText* process_ = nullptr;
  // By variant; by site, and there with kKnown by serial modulo kKnownThreads.
  std::array<std::vector<SiteRuns>, kVariants> sites_;
  std::vector<ThreadParts> threads_;  // by serial modulo kThreads
  std::vector<TextBlock> seconds_;    // by part
  std::uint64_t second_start_ = 0;    // of them, in ns modulo 2^64
  std::int64_t last_ns_ = INT64_MIN;
};

/// Writes a value below 1,000 as three digits, one below 1,000,000 as six.
inline char* append_three_digits(char* out, std::uint32_t value) {
  *out++ = static_cast<char>('0' + value / 100);
  write_two_digits(out, value % 100);
  return out + 2;
}
inline char* append_six_digits(char* out, std::uint32_t value) {
  write_six_digits(out, value);
  return out + 6;
}

}  // namespace metlog
