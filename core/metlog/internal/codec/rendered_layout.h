#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/layout.h"
#include "metlog/internal/text/text_block.h"

namespace metlog {

/// The runs of a layout for one site, one after the other.
struct SiteRuns {
  TextBlock text;
  std::vector<std::uint32_t> ends;  // empty until rendered
  std::uint64_t serial = 0;         // of the thread whose parts are in it; 0 for none
  std::uint32_t misses = 0;         // of other threads

  [[nodiscard]] char* append(char* out, std::size_t run) const {
    const std::uint32_t begin = run == 0 ? 0 : ends[run - 1];
    return TextBlock::copy(out, text.bytes.data() + begin, ends[run] - begin);
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

  /// Returns the runs that hold everything of a record without fields but time and text; null when
  /// they are not rendered.
  [[nodiscard]] const SiteRuns* find_known(const RecordView& record) const;
  /// Returns the runs of a record that does not override its origin, and their variant.
  const SiteRuns& runs_of(const RecordView& record, std::size_t& variant);
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

  SiteRuns& runs_at(std::size_t variant, std::size_t index);
  void render(SiteRuns& runs, std::size_t variant, const RecordView& record);
  std::uint32_t turn_to_other(std::int64_t utc_ns);

  ClientText client_;
  const ProcessText* process_ = nullptr;
  // By variant; by site, and there with Layout::kKnown by serial modulo kKnownThreads.
  std::array<std::vector<SiteRuns>, Layout::kVariants> sites_;
  std::vector<ThreadParts> threads_;  // by serial modulo kThreads
  std::vector<TextBlock> seconds_;    // by part
  std::uint64_t second_start_ = 0;    // of them, in ns modulo 2^64
  std::int64_t last_ns_ = INT64_MIN;
};

/// Writes a value below 1,000 as three digits, one below 1,000,000 as six.
char* append_three_digits(char* out, std::uint32_t value);
char* append_six_digits(char* out, std::uint32_t value);

}  // namespace metlog
