#include "tools/router/prometheus/metric_store.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "tools/router/prometheus/exposition.h"
#include "tools/router/prometheus/metric_name.h"

namespace metlog {
namespace {

/// Counts of values from 1 us to 36 hours in steps of 9 %.
class FineHistogram {
 public:
  void add(double seconds, double weight) {
    counts_[index_of(seconds)] += weight;
    total_ += weight;
    max_ = std::max(max_, seconds);
  }

  [[nodiscard]] double percentile(double share) const {
    double rest = share * total_;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      rest -= counts_[i];
      if (rest <= 0 && counts_[i] > 0) {
        const double middle = kFirst * std::exp2((static_cast<double>(i) + 0.5) / kPerOctave);
        return std::min(middle, max_);
      }
    }
    return max_;
  }
  [[nodiscard]] double max() const { return max_; }

 private:
  static constexpr double kFirst = 1e-6;
  static constexpr double kPerOctave = 8;

  static std::size_t index_of(double seconds) {
    if (seconds <= kFirst) return 0;
    const double place = std::log2(seconds / kFirst) * kPerOctave;
    return std::min(static_cast<std::size_t>(place), kCount - 1);
  }

  static constexpr std::size_t kCount = 296;
  std::array<double, kCount> counts_{};
  double total_ = 0;
  double max_ = 0;
};

}  // namespace

struct MetricStore::Series {
  std::vector<std::string> labels;
  double sum = 0;
  // Of a timer.
  std::vector<double> buckets;  // not cumulative, +Inf the last
  std::unique_ptr<FineHistogram> fine;

  /// A timer's calls, or a counter's sum.
  [[nodiscard]] double size() const {
    if (fine == nullptr) return sum;
    double count = 0;
    for (const double bucket : buckets) count += bucket;
    return count;
  }
};

struct MetricStore::Family {
  std::string raw;  // the name in messages
  bool is_timer = false;
  std::vector<const Series*> series;
};

struct MetricStore::Contents {
  absl::flat_hash_map<std::string, std::unique_ptr<Series>> series;  // by kind, name and labels
  std::map<std::string, Family> families;                            // by the name that is shown
  std::string key;                                                   // of the sample in work
};

MetricStore::MetricStore(Options options)
    : options_(std::move(options)), contents_(std::make_unique<Contents>()) {}
MetricStore::~MetricStore() = default;

// Each series keeps its name and labels, which a peer chooses.
constexpr std::size_t kMaxKeyBytes = 4096;

bool MetricStore::add(const Sample& sample) {
  const std::lock_guard lock(mutex_);
  std::string& key = contents_->key;
  key.assign(1, sample.is_timer ? 't' : 'c').append(sample.name);
  for (const std::string& label : sample.labels) key.append(1, '\0').append(label);
  const auto found = contents_->series.find(key);
  Series* const series =
      found != contents_->series.end() ? found->second.get() : begin_series(sample);
  if (series == nullptr) return false;
  if (!sample.is_timer) {
    series->sum += sample.value;
    return true;
  }
  series->sum += sample.value * sample.weight;
  const auto bucket =
      std::lower_bound(options_.buckets.begin(), options_.buckets.end(), sample.value);
  series->buckets[static_cast<std::size_t>(bucket - options_.buckets.begin())] += sample.weight;
  series->fine->add(sample.value, sample.weight);
  return true;
}

/// Null when there is no room.
MetricStore::Series* MetricStore::begin_series(const Sample& sample) {
  // The key has the name and all labels.
  if (contents_->series.size() >= options_.max_series || contents_->key.size() > kMaxKeyBytes) {
    return nullptr;
  }
  auto series = std::make_unique<Series>();
  series->labels.assign(sample.labels.begin(), sample.labels.end());
  if (sample.is_timer) {
    series->buckets.resize(options_.buckets.size() + 1);
    series->fine = std::make_unique<FineHistogram>();
  }
  family_of(sample).series.push_back(series.get());
  return contents_->series.emplace(contents_->key, std::move(series)).first->second.get();
}

MetricStore::Family& MetricStore::family_of(const Sample& sample) {
  const std::string_view end = sample.is_timer ? "_seconds" : "_total";
  std::string name = metric_name(sample.name);
  if (!options_.prefix.empty()) name = options_.prefix + "_" + name;
  if (name.ends_with(end)) name.erase(name.size() - end.size());
  const auto of = [&](std::string_view stem) -> Family& {
    Family& family = contents_->families[fmt::format("{}{}", stem, end)];
    if (family.series.empty()) family = {std::string(sample.name), sample.is_timer, {}};
    return family;
  };
  // A name with a digest may be another one's own name, so it is looked at as well.
  for (;;) {
    if (Family& family = of(name); family.raw == sample.name) return family;
    name += '_';
    name += name_digest(sample.name);
  }
}

std::size_t MetricStore::series_count() const {
  const std::lock_guard lock(mutex_);
  return contents_->series.size();
}

std::string MetricStore::exposition() const {
  Exposition text;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : contents_->families) {
    text.begin(
        name, family.is_timer ? Exposition::Type::kHistogram : Exposition::Type::kCounter,
        fmt::format("{} \"{}\" of metlog.", family.is_timer ? "Timer" : "Counter", family.raw));
    for (const Series* const series : family.series) {
      std::vector<Exposition::Label> labels;
      for (std::size_t i = 0; i < series->labels.size(); ++i) {
        labels.push_back({options_.labels[i], series->labels[i]});
      }
      if (!family.is_timer) {
        text.add(labels, series->sum);
        continue;
      }
      double count = 0;
      for (std::size_t i = 0; i < series->buckets.size(); ++i) {
        count += series->buckets[i];
        const bool is_last = i == options_.buckets.size();
        const std::string end = is_last ? "+Inf" : sample_text(options_.buckets[i]);
        labels.push_back({"le", end});
        text.add("_bucket", labels, count);
        labels.pop_back();
      }
      text.add("_sum", labels, series->sum);
      text.add("_count", labels, count);
    }
  }
  return text.take();
}

MetricSource::Row MetricStore::row_of(const Family& family, const Series& series) const {
  Row row;
  row.name = family.raw;
  row.is_timer = family.is_timer;
  row.count = series.size();
  for (std::size_t i = 0; i < series.labels.size(); ++i) {
    row.labels += fmt::format("{}{}={}", i == 0 ? "" : ", ", options_.labels[i], series.labels[i]);
  }
  if (!family.is_timer) return row;
  row.p50 = series.fine->percentile(0.5);
  row.p95 = series.fine->percentile(0.95);
  row.p99 = series.fine->percentile(0.99);
  row.max = series.fine->max();
  return row;
}

std::vector<MetricSource::Row> MetricStore::rows(std::size_t most) const {
  struct Candidate {
    const Family* family;
    const Series* series;
    double size;
  };
  std::vector<Candidate> candidates;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : contents_->families) {
    for (const Series* const series : family.series) {
      candidates.push_back({&family, series, series->size()});
    }
  }
  // Before rows are made: percentiles of all series would hold the output's thread for long.
  const std::size_t count = std::min(most, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                    candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.size > b.size; });
  candidates.resize(count);
  std::vector<Row> rows;
  rows.reserve(count);
  for (const Candidate& each : candidates) rows.push_back(row_of(*each.family, *each.series));
  return rows;
}

}  // namespace metlog
