#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/codec/record_view.h"
#include "metlog/message/site_registry.h"

namespace metlog {

/// An argument's place in a record.
struct PlannedArg {
  ArgRole role;
  std::uint8_t key_bytes;
  bool is_behind;  // its bytes stand behind the fixed part, which holds their length
  std::string_view type;
  std::size_t offset;  // of the key in the fixed part
  std::size_t bytes;   // of the value in the fixed part
};

/// An argument's bytes in one record.
struct ArgBytes {
  std::string_view key;
  const unsigned char* at;
  std::size_t size;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(at), size}; }
};

/// What a piece of a log text asks for: the frequent kinds each have a path of their own.
enum class SegmentKind : std::uint8_t {
  kLiteral,
  kText,      // without a specification
  kInt,       // int32
  kInt64,     // int64
  kUnsigned,  // uint64
  kReal,      // double
  kOther,
};

/// A piece of a log text: text as it is, or an argument.
struct PlannedSegment {
  SegmentKind kind;
  std::string json;   // the text as append_json_text() and
  std::string line;   // as append_line_text() write it; empty for an argument
  std::uint16_t arg;  // index into args
  std::string spec;
};

/// What can be worked out once about all records of a site. Refers to the registered site.
struct SitePlan {
  explicit SitePlan(const RegisteredSite& site);

  const RegisteredSite* site;
  std::vector<PlannedArg> args;
  std::vector<PlannedSegment> segments;  // of a log text known at compile time
  std::string name_field;                // `"name":"orders"` of a counter or timer
  bool has_own_head = false;             // type, logger or severity stand in the record
  bool has_format = false;               // a format known at run time
  // Indices into args; SIZE_MAX when there is none.
  std::size_t payload_arg;  // kPayload, kPayloadValue, kCount or kElapsed
  std::size_t name_arg;
  std::size_t rate_arg;
  std::size_t constant_bytes = 0;  // at most, of everything but the arguments' values

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
  /// Finds every argument of a record; lengths that a damaged record claims are cut to it.
  void locate(const RecordView& record, std::vector<ArgBytes>& found) const;

 private:
  void locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const;
};

/// The plans of all sites, each made when it is first asked for. Shared by encoders; used by one
/// thread.
class SitePlans {
 public:
  const SitePlan& of(const RegisteredSite& site) {
    const std::size_t index = site.id - kFirstSiteId;
    if (index < plans_.size() && plans_[index] != nullptr) [[likely]]
      return *plans_[index];
    return make(site, index);
  }

 private:
  const SitePlan& make(const RegisteredSite& site, std::size_t index);

  std::vector<std::unique_ptr<SitePlan>> plans_;  // by site
};

}  // namespace metlog
