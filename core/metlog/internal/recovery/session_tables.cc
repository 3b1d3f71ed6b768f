#include "metlog/internal/recovery/session_tables.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "metlog/internal/base/crc32c.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/recovery/byte_reader.h"
#include "metlog/internal/ring/cell.h"

namespace metlog {
namespace {

constexpr std::size_t kEntryHeadBytes = 8;
/// More than a call has; each takes some 80 bytes here.
constexpr std::uint16_t kMaxArgs = 4096;
/// A table that is made to look like entries everywhere would take for ever.
constexpr std::uint64_t kMaxSearchPerByte = 64;

/// The sites that are kept ready. A program uses a few hundred.
constexpr std::size_t kMaxMadeSites = 512;

/// Reads a site; its arguments only if `args` is not null. False when it makes no sense.
bool read_site(ByteReader entry, RegisteredSite& site, std::vector<RegisteredArg>* args) {
  site.id = entry.take<std::uint32_t>();
  site.kind = static_cast<SiteKind>(entry.take<std::uint8_t>());
  site.severity = static_cast<Severity>(entry.take<std::int8_t>());
  const auto count = entry.take<std::uint16_t>();
  site.line = entry.take<std::uint32_t>();
  if (site.id < kFirstSiteId || site.kind > SiteKind::kTimer || count > kMaxArgs) return false;
  for (std::string* const text : {&site.text, &site.file, &site.function}) {
    const std::string_view bytes = entry.take_bytes(entry.take<std::uint32_t>());
    if (args != nullptr) *text = bytes;
  }
  for (std::uint16_t i = 0; i < count && entry.is_whole(); ++i) {
    const auto role = static_cast<ArgRole>(entry.take<char>());
    const auto key_bytes = entry.take<std::uint8_t>();
    const std::string_view type = entry.take_bytes(entry.take<std::uint32_t>());
    if (type.empty() || type.size() > kMaxTypeLetters) return false;
    if (args != nullptr) args->push_back({role, key_bytes, std::string(type)});
  }
  return entry.is_whole() && entry.is_at_end();
}

/// True when the arguments that the site's format names exist, and fit into a record.
bool is_consistent(const RegisteredSite& site) {
  if (site.fixed_bytes > record_capacity(kMaxRecordCells)) return false;
  const auto text_args = std::count_if(site.args.begin(), site.args.end(),
                                       [](const auto& arg) { return arg.role == ArgRole::kText; });
  return std::all_of(site.segments.begin(), site.segments.end(), [&](const auto& segment) {
    return segment.arg == FormatSegment::kLiteral || segment.arg < text_args;
  });
}

std::vector<std::uint32_t> take_numbers(ByteReader& entry) {
  const auto count = entry.take<std::uint32_t>();
  const std::string_view bytes = entry.take_bytes(std::uint64_t{count} * sizeof count);
  std::vector<std::uint32_t> numbers(entry.is_whole() ? count : 0);
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::optional<SessionClient> client_of(ByteReader entry) {
  SessionClient client;
  client.slot = entry.take<std::uint32_t>();
  client.format = entry.take<std::uint8_t>();
  client.timer_resolution = entry.take<std::uint8_t>();
  client.severity = entry.take<std::int8_t>();
  client.flags = entry.take<std::uint8_t>();
  client.logger = entry.take_text();
  client.url = entry.take_text();
  client.streams = take_numbers(entry);
  if (!entry.is_whole() || client.slot >= kClientSlots) return std::nullopt;
  if (entry.is_at_end()) return client;
  client.format_flags = entry.take<std::uint8_t>();
  client.pattern = entry.take_text();
  client.add = entry.take_text();
  if (entry.is_at_end()) return client;
  client.facility = entry.take<std::uint8_t>();
  client.app = entry.take_text();
  client.sd_id = entry.take_text();
  client.prefix = entry.take_text();
  if (entry.is_at_end()) return client;
  const auto first_slot = entry.take<std::uint32_t>();
  client.others = take_numbers(entry);
  if (entry.is_whole() && first_slot < kClientSlots) client.first_slot = first_slot;
  return client;
}

/// True for what client_of() takes. Copies nothing.
bool is_client(ByteReader entry) {
  const bool has_slot = entry.take<std::uint32_t>() < kClientSlots;
  (void)entry.take<std::uint32_t>();
  for (int i = 0; i < 2; ++i) (void)entry.take_bytes(entry.take<std::uint32_t>());
  const auto streams = entry.take<std::uint32_t>();
  (void)entry.take_bytes(std::uint64_t{streams} * sizeof streams);
  return has_slot && entry.is_whole();
}

bool is_site(ByteReader entry) {
  RegisteredSite site{};
  return read_site(entry, site, nullptr);
}

/// Finds the entries of a table, one after the other.
class EntryScan {
 public:
  /// `makes_sense` is asked before a checksum is computed.
  EntryScan(std::string_view bytes, bool (*makes_sense)(ByteReader))
      : bytes_(bytes), makes_sense_(makes_sense), search_left_(bytes.size() * kMaxSearchPerByte) {}

  /// Returns the contents of the next entry, nothing at the end.
  std::optional<std::string_view> next() {
    const std::size_t begin = at_;
    for (; at_ + kEntryHeadBytes <= bytes_.size() && search_left_ > 0; ++at_) {
      const std::optional<std::string_view> contents = entry_at(at_);
      if (!contents.has_value()) continue;
      note_damage(begin, at_);
      at_ += kEntryHeadBytes + contents->size();
      return contents;
    }
    at_ = bytes_.size();
    if (!runs_past_end(begin)) note_damage(begin, at_);
    return std::nullopt;
  }
  [[nodiscard]] const TableDamage& damage() const { return damage_; }

 private:
  /// Returns an entry that is whole.
  std::optional<std::string_view> entry_at(std::size_t at) {
    ByteReader head(bytes_.substr(at, kEntryHeadBytes));
    const auto size = head.take<std::uint32_t>();
    const auto crc = head.take<std::uint32_t>();
    if (size > bytes_.size() - at - kEntryHeadBytes) return std::nullopt;
    const std::string_view contents = bytes_.substr(at + kEntryHeadBytes, size);
    if (!makes_sense_(ByteReader(contents))) return std::nullopt;
    search_left_ -= std::min<std::uint64_t>(search_left_, contents.size());
    const auto* const from = reinterpret_cast<const unsigned char*>(contents.data());
    if (crc32c(from, contents.size()) != crc) return std::nullopt;
    search_left_ += contents.size();
    return contents;
  }
  [[nodiscard]] bool runs_past_end(std::size_t at) const {
    if (bytes_.size() - at < kEntryHeadBytes) return true;
    const auto size = ByteReader(bytes_.substr(at)).take<std::uint32_t>();
    return size > bytes_.size() - at - kEntryHeadBytes;
  }
  void note_damage(std::size_t begin, std::size_t end) {
    damage_.bytes += end - begin;
    if (end != begin) ++damage_.places;
  }

  const std::string_view bytes_;
  bool (*const makes_sense_)(ByteReader);
  std::uint64_t search_left_;  // bytes that may be looked at for nothing
  std::size_t at_ = 0;
  TableDamage damage_;
};

}  // namespace

SiteTable::SiteTable(std::string bytes) : bytes_(std::move(bytes)) {
  EntryScan scan(bytes_, is_site);
  while (const std::optional<std::string_view> entry = scan.next()) {
    const auto id = ByteReader(*entry).take<std::uint32_t>();
    places_.push_back({id, static_cast<std::uint32_t>(entry->size()),
                       static_cast<std::size_t>(entry->data() - bytes_.data())});
  }
  std::stable_sort(places_.begin(), places_.end(),
                   [](const Place& a, const Place& b) { return a.id < b.id; });
  damage_ = scan.damage();
}

const SiteLayout* SiteTable::find(std::uint32_t id) {
  const auto known = made_.find(id);
  if (known != made_.end()) return known->second->layout.get();
  const auto after =
      std::upper_bound(places_.begin(), places_.end(), id,
                       [](std::uint32_t wanted, const Place& place) { return wanted < place.id; });
  if (after == places_.begin() || (after - 1)->id != id) return nullptr;
  if (made_.size() == kMaxMadeSites) {
    made_.clear();
    ++generation_;
  }
  const Place& place = *(after - 1);
  auto made = std::make_unique<Made>();
  RegisteredSite& site = made->site;
  if (!read_site(ByteReader(std::string_view(bytes_).substr(place.at, place.size)), site,
                 &site.args)) {
    return nullptr;
  }
  complete_site(site);
  if (!is_consistent(site)) return nullptr;
  // Encoders have tables by id, and this one could be anything.
  site.id = kFirstSiteId + static_cast<std::uint32_t>(made_.size());
  made->layout = std::make_unique<SiteLayout>(site);
  return made_.emplace(id, std::move(made)).first->second->layout.get();
}

ClientText text_of(const SessionClient& client) {
  const auto is_set = [&](SessionClient::FormatFlag flag) {
    return (client.format_flags & flag) != 0;
  };
  FormatOptions options;
  options.pattern = client.pattern;
  options.utc = is_set(SessionClient::kUtc);
  options.colors = is_set(SessionClient::kColored) ? Colors::kAlways : Colors::kNever;
  options.add = client.add;
  options.numbers = is_set(SessionClient::kNumbers);
  options.facility = client.facility;
  if (is_set(SessionClient::kRfc3164)) options.syslog_form = SyslogForm::kRfc3164;
  if (is_set(SessionClient::kRfc3164Local)) options.syslog_form = SyslogForm::kRfc3164Local;
  options.app = client.app;
  options.sd_id = client.sd_id;
  options.prefix = client.prefix;
  ClientText text{client.logger, client.severity,
                  static_cast<TimerResolution>(client.timer_resolution % 2)};
  complete_text(text, static_cast<MessageFormat>(client.format), options);
  return text;
}

ClientTable::ClientTable(std::string bytes) : bytes_(std::move(bytes)) {
  EntryScan scan(bytes_, is_client);
  while (const std::optional<std::string_view> entry = scan.next()) {
    places_.push_back({static_cast<std::uint32_t>(entry->size()),
                       static_cast<std::size_t>(entry->data() - bytes_.data())});
    if (std::optional<SessionClient> client = client_of(ByteReader(*entry))) {
      SessionClient& last = last_[client->slot];
      last = *std::move(client);
    }
  }
  damage_ = scan.damage();
}

const SessionClient* ClientTable::in_slot(std::uint32_t slot) const {
  const auto found = last_.find(slot);
  return found == last_.end() ? nullptr : &found->second;
}

std::vector<std::uint32_t> ClientTable::slots_of(std::uint32_t slot) const {
  std::vector<std::uint32_t> slots{slot};
  const SessionClient* const client = in_slot(slot);
  if (client == nullptr) return slots;
  for (const std::uint32_t other : client->others) {
    // The slot may have got another client since.
    const SessionClient* const there = in_slot(other);
    const bool is_new = std::find(slots.begin(), slots.end(), other) == slots.end();
    if (is_new && there != nullptr && there->first_slot == slot) slots.push_back(other);
  }
  return slots;
}

const SessionClient* ClientTable::first() const {
  const auto found = std::find_if(last_.begin(), last_.end(),
                                  [](const auto& entry) { return !entry.second.streams.empty(); });
  return found == last_.end() ? nullptr : &found->second;
}

std::optional<SessionClient> ClientTable::client_at(const Place& place) const {
  return client_of(ByteReader(std::string_view(bytes_).substr(place.at, place.size)));
}

std::optional<SessionClient> ClientTable::of_stream(std::uint32_t stream) const {
  for (const Place& place : places_) {
    std::optional<SessionClient> client = client_at(place);
    if (!client.has_value()) continue;
    const std::vector<std::uint32_t>& streams = client->streams;
    if (std::find(streams.begin(), streams.end(), stream) != streams.end()) return client;
  }
  return std::nullopt;
}

std::vector<std::uint32_t> ClientTable::streams_of(std::uint32_t slot) const {
  std::vector<std::uint32_t> streams;
  for (const Place& place : places_) {
    const std::optional<SessionClient> client = client_at(place);
    if (!client.has_value() || client->slot != slot) continue;
    streams.insert(streams.end(), client->streams.begin(), client->streams.end());
  }
  return streams;
}

}  // namespace metlog
