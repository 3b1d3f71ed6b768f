#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/log_script.h"
#include "metlog/internal/codec/planned_arg.h"
#include "metlog/internal/codec/record_view.h"
#include "metlog/internal/site/site_registry.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

/// What can be worked out once about all records of a site. Refers to the registered site.
struct SitePlan {
  explicit SitePlan(const RegisteredSite& site);

  const RegisteredSite* site;
  std::vector<PlannedArg> args;
  LogScript script;           // of a log text known at compile time
  std::string name_field;     // `"name":"orders"` of a counter or timer
  bool is_in_order = false;   // all arguments stand in the script, in the order of the record
  bool has_fields = false;    // of its own
  bool has_own_head = false;  // type, logger or severity stand in the record
  bool has_format = false;    // a format known at run time
  // Indices into args; SIZE_MAX when there is none.
  std::size_t payload_arg;  // kPayload, kPayloadValue, kCount or kElapsed
  std::size_t name_arg;
  std::size_t rate_arg;
  std::size_t constant_bytes = 0;  // at most, of everything but the arguments' values
  // Output bytes for each byte of the arguments, at most.
  std::size_t value_growth = kValueTextGrowth;

  [[nodiscard]] bool is_metric() const {
    return site->kind == SiteKind::kCounter || site->kind == SiteKind::kTimer;
  }
  /// The envelope's type, where the record has none of its own.
  [[nodiscard]] std::string_view type() const;
  /// Whether the caller's field of that key gives way to a metric's own, as in the reference.
  [[nodiscard]] bool is_shadowed(std::string_view key) const {
    return is_metric() && (key == "name" || key == "rate");
  }
  /// The index of the first argument with that role; SIZE_MAX when there is none.
  [[nodiscard]] std::size_t find(ArgRole role) const;
  [[nodiscard]] bool has(ArgRole role) const { return find(role) != SIZE_MAX; }
  /// Whether the text of this record can be written without locate(): see LogText::append_in_order.
  [[nodiscard]] bool goes_in_order(const RecordView& record) const {
    return is_in_order && record.arg_bytes >= site->fixed_bytes && record.context_bytes == 0;
  }
  /// Finds every argument of a record; lengths that a damaged record claims are cut to it.
  void locate(const RecordView& record, std::vector<ArgBytes>& found) const;

 private:
  void locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const;
};

/// The plans of all sites, each made when it is first asked for. Used by one thread.
class SitePlans {
 public:
  /// Null for an id that was never given out.
  const SitePlan* find(std::uint32_t site) {
    const std::uint32_t index = site - kFirstSiteId;
    if (index < plans_.size() && plans_[index] != nullptr) [[likely]]
      return plans_[index].get();
    return make(site);
  }

 private:
  const SitePlan* make(std::uint32_t site);

  std::vector<std::unique_ptr<SitePlan>> plans_;  // by site
};

}  // namespace metlog
