#include "metlog/internal/site/site_registry.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "metlog/internal/base/reentrant_mutex.h"

// A function of the C++ ABI: calls `function(argument)` when the library is unloaded, or at exit.
extern "C" int __cxa_atexit(void (*function)(void*), void* argument, void* library);

namespace metlog {
namespace {

constexpr std::uint32_t kChunkSites = 1024;
constexpr std::uint32_t kMaxChunks = (std::uint32_t{1} << 24) / kChunkSites;

struct Entry {
  RegisteredSite site;
  SiteGate* gate;       // null once its library is unloaded
  ClientBits* off_for;  // also null for a site without a name
  void* library;
  Entry* next_unloaded = nullptr;  // in State::unloaded, once its library is unloaded
  Entry* next_named = nullptr;     // in State::named, for a site with a name

  /// Switches a named site: by the client's number, or without one (0) by its slot.
  void set(std::uint32_t slot, std::uint32_t number, bool is_off) const {
    // relaxed, both: switches; only holders of the mutex store them
    const std::uint32_t bits = gate->bits.load(Order::kRelaxed);
    gate->bits.store(is_off ? bits | number : bits & ~number, Order::kRelaxed);
    if (number == 0) off_for->set(slot, is_off);
  }
};
using Chunk = std::array<std::unique_ptr<Entry>, kChunkSites>;

std::string_view function_name(std::string_view pretty) {
  constexpr std::string_view kMark = "::metlog_site_";
  constexpr std::string_view kResult = "SiteText ";
  const std::size_t end = pretty.find(kMark);
  if (end == std::string_view::npos) return pretty;
  const std::size_t result = pretty.find(kResult);
  const std::size_t begin = result < end ? result + kResult.size() : 0;
  return pretty.substr(begin, end - begin);
}

RegisteredSite copy_site(const Site& site, std::uint32_t id) {
  RegisteredSite copy{
      id, site.kind, site.severity,          std::string(site.text, site.text_bytes),   {},
      {}, 0,         std::string(site.file), std::string(function_name(site.function)), site.line};
  for (std::uint32_t i = 0; i < site.arg_count; ++i) {
    const ArgSpec& arg = site.args[i];
    copy.args.push_back({arg.role, arg.key_bytes, std::string(arg.type)});
  }
  complete_site(copy);
  return copy;
}

bool has_arg(const RegisteredSite& site, ArgRole role) {
  return std::any_of(site.args.begin(), site.args.end(),
                     [&](const RegisteredArg& arg) { return arg.role == role; });
}

bool is_named_by_call(const RegisteredSite& site) {
  return has_arg(site, ArgRole::kName) || has_arg(site, ArgRole::kType);
}

// True when a record of the one reads the same as a record of the other.
bool is_same(const RegisteredSite& one, const RegisteredSite& other) {
  const auto is_same_arg = [](const RegisteredArg& a, const RegisteredArg& b) {
    return a.role == b.role && a.key_bytes == b.key_bytes && a.type == b.type;
  };
  return one.kind == other.kind && one.severity == other.severity && one.text == other.text &&
         one.line == other.line && one.file == other.file && one.function == other.function &&
         std::equal(one.args.begin(), one.args.end(), other.args.begin(), other.args.end(),
                    is_same_arg);
}

// The bits that depend on the arguments.
std::uint32_t bits_of(const RegisteredSite& site, bool has_name) {
  std::uint32_t bits = 0;
  if (site.kind != SiteKind::kLog && !has_arg(site, ArgRole::kSeverity)) {
    bits |= gate::of_default_severity(site.kind);
  }
  if (!has_name) return bits;
  bits |= gate::of_some_names(site.kind);
  if (site.kind == SiteKind::kTimer) bits |= gate::kTimesItself;
  return bits;
}

}  // namespace

struct SiteRegistry::State {
  // Reentrant: what runs under it may make a call whose site is not registered yet.
  ReentrantMutex mutex;
  std::array<std::atomic<Chunk*>, kMaxChunks> chunks{};
  std::atomic<std::uint32_t> count{0};
  std::function<void(const RegisteredSite&)> visit;
  std::array<std::function<bool(const RegisteredSite&)>, kClientSlots> switches;  // by client
  // Stored by the one thread at a time that switches for the client: true from its first switch to
  // drop_switches(). A client that has none is opened and closed without the mutex, under which the
  // visitor allocates.
  std::array<std::atomic<bool>, kClientSlots> may_have_switches{};
  // The slot of each number. A client keeps its number, because its gate may still block it.
  std::array<std::optional<std::uint32_t>, gate::kNumbers> numbers;
  // Named sites, by the hash of their name; a chain, because nothing is allocated under the mutex.
  std::array<Entry*, 1024> named{};
  // Those for which forget_library() is registered: once for each library and not for each site,
  // since a site must add little to a program.
  std::list<void*> libraries;
  // Sites whose libraries are unloaded, by hash. A library that is loaded again gets their ids, so
  // that loading it for ever takes neither memory nor ids.
  std::array<Entry*, 1024> unloaded{};

  [[nodiscard]] bool watches(void* library) const {
    return std::find(libraries.begin(), libraries.end(), library) != libraries.end();
  }
  [[nodiscard]] Entry*& named_like(std::string_view name) {
    return named[std::hash<std::string_view>()(name) % named.size()];
  }
  [[nodiscard]] Entry*& unloaded_like(const RegisteredSite& site) {
    const std::size_t hash = std::hash<std::string_view>()(site.text) + site.line;
    return unloaded[hash % unloaded.size()];
  }
  /// Returns the entry of an unloaded library for the same call; null when there is none.
  Entry* take_unloaded(const RegisteredSite& site) {
    Entry** at = &unloaded_like(site);
    while (*at != nullptr && !is_same((*at)->site, site)) at = &(*at)->next_unloaded;
    Entry* const found = *at;
    if (found != nullptr) *at = std::exchange(found->next_unloaded, nullptr);
    return found;
  }
  /// Returns the gate's bit for the client's number, and assigns a number if one is free; else 0.
  std::uint32_t number_of(std::uint32_t slot) {
    std::optional<unsigned> free;
    for (unsigned i = 0; i < gate::kNumbers; ++i) {
      if (numbers[i] == slot) return gate::of_number(i);
      if (!numbers[i].has_value() && !free.has_value()) free = i;
    }
    // A client that began without a number stays so, or its bits would have to move.
    if (!free.has_value() || switches[slot]) return 0;
    numbers[*free] = slot;
    return gate::of_number(*free);
  }
  /// Takes a new site in: the entry of an unloaded library for the same call, or `made` under a new
  /// id, of which the visitor hears. Takes `spare` when the chunks are full.
  Entry& take(std::unique_ptr<Entry>& made, std::unique_ptr<Chunk>& spare) {
    if (Entry* const same = take_unloaded(made->site); same != nullptr) {
      same->gate = made->gate;
      same->off_for = made->off_for;
      same->library = made->library;
      return *same;
    }
    // relaxed, both: only holders of the mutex store it. Another thread may have used the chunk
    // that this one has seen missing.
    const bool lacks_chunk = count.load(std::memory_order_relaxed) % kChunkSites == 0;
    if (lacks_chunk && spare == nullptr) spare = std::make_unique<Chunk>();
    const std::uint32_t index = count.load(std::memory_order_relaxed);
    if (index / kChunkSites >= kMaxChunks) {
      std::fprintf(stderr, "metlog: more than %u call sites in one process\n",
                   kMaxChunks * kChunkSites);
      std::abort();
    }
    std::atomic<Chunk*>& chunk = chunks[index / kChunkSites];
    // release: pairs with the acquire in entry()
    if (index % kChunkSites == 0) chunk.store(spare.release(), std::memory_order_release);
    made->site.id = index + kFirstSiteId;
    Entry& added = *made;
    // relaxed: own store
    (*chunk.load(std::memory_order_relaxed))[index % kChunkSites] = std::move(made);
    // release: pairs with the acquire in SiteRegistry::count()
    count.store(index + 1, std::memory_order_release);
    if (visit) visit(added.site);
    if (added.off_for != nullptr) {
      added.next_named = std::exchange(named_like(added.site.text), &added);
    }
    return added;
  }
  [[nodiscard]] Entry& entry(std::uint32_t index) const {
    // acquire: pairs with the release in State::take()
    Chunk* const chunk = chunks[index / kChunkSites].load(std::memory_order_acquire);
    return *(*chunk)[index % kChunkSites];
  }
};

SiteRegistry& SiteRegistry::instance() {
  static SiteRegistry registry;
  return registry;
}

// Never destroyed, because other libraries are unloaded during exit, in an unknown order.
SiteRegistry::State& SiteRegistry::state() {
  static auto* const kState = new State;
  return *kState;
}

const RegisteredSite* SiteRegistry::find(std::uint32_t id) const {
  if (id < kFirstSiteId || id - kFirstSiteId >= count()) return nullptr;
  return &state().entry(id - kFirstSiteId).site;
}

std::uint32_t SiteRegistry::count() const {
  // acquire: pairs with the release in State::take(); entries below the count are complete
  return state().count.load(std::memory_order_acquire);
}

void SiteRegistry::set_visitor(std::function<void(const RegisteredSite&)> visit) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  all.visit = std::move(visit);
  if (!all.visit) return;
  const std::uint32_t count = instance().count();
  for (std::uint32_t i = 0; i < count; ++i) all.visit(all.entry(i).site);
}

std::uint32_t SiteRegistry::set_enabled(const std::function<bool(const RegisteredSite&)>& matches,
                                        bool enabled) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  std::uint32_t switched = 0;
  for (std::uint32_t i = 0; i < count(); ++i) {
    const Entry& entry = all.entry(i);
    if (entry.gate == nullptr || !matches(entry.site)) continue;
    // relaxed, both: a switch; the mutex orders those who store it
    const std::uint32_t bits = entry.gate->bits.load(Order::kRelaxed);
    entry.gate->bits.store(enabled ? bits & ~gate::kOff : bits | gate::kOff, Order::kRelaxed);
    ++switched;
  }
  return switched;
}

void SiteRegistry::forget_library(void* library) {
  State& all = state();
  std::list<void*> gone;  // freed without the lock
  const std::lock_guard lock(all.mutex);
  const auto at = std::find(all.libraries.begin(), all.libraries.end(), library);
  if (at != all.libraries.end()) gone.splice(gone.begin(), all.libraries, at);
  for (std::uint32_t i = 0; i < instance().count(); ++i) {
    Entry& entry = all.entry(i);
    if (entry.library != library || entry.gate == nullptr) continue;
    entry.gate = nullptr;
    entry.off_for = nullptr;
    entry.next_unloaded = std::exchange(all.unloaded_like(entry.site), &entry);
  }
}

std::uint32_t SiteRegistry::set_switches(std::uint32_t slot,
                                         std::function<bool(const RegisteredSite&)> is_off) {
  State& all = state();
  if (!is_off) {
    // relaxed: own store
    if (!all.may_have_switches[slot].load(std::memory_order_relaxed)) return 0;
  } else {
    all.may_have_switches[slot].store(true, std::memory_order_relaxed);  // relaxed: as above
  }
  const std::lock_guard lock(all.mutex);
  if (!is_off && !all.switches[slot]) return 0;
  const bool is_any = static_cast<bool>(is_off);
  const std::uint32_t number = all.number_of(slot);
  for (std::uint32_t i = 0; i < count(); ++i) {
    const Entry& entry = all.entry(i);
    if (entry.off_for != nullptr) entry.set(slot, number, is_any && is_off(entry.site));
  }
  all.switches[slot].swap(is_off);  // the caller's is destroyed without the lock
  if (!is_any) return 0;
  return number != 0 ? number : gate::kSomeNames;
}

void SiteRegistry::refresh_switches(std::uint32_t slot, const std::string& name) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  const std::function<bool(const RegisteredSite&)>& is_off = all.switches[slot];
  if (!is_off) return;
  const std::uint32_t number = all.number_of(slot);
  for (const Entry* entry = all.named_like(name); entry != nullptr; entry = entry->next_named) {
    const bool is_loaded = entry->off_for != nullptr;
    if (is_loaded && entry->site.text == name) entry->set(slot, number, is_off(entry->site));
  }
}

void SiteRegistry::drop_switches(std::uint32_t slot) {
  State& all = state();
  // relaxed: own store
  if (!all.may_have_switches[slot].load(std::memory_order_relaxed)) return;
  set_switches(slot, {});
  all.may_have_switches[slot].store(false, std::memory_order_relaxed);  // relaxed: own store
  const std::lock_guard lock(all.mutex);
  for (std::optional<std::uint32_t>& owner : all.numbers) {
    if (owner == slot) owner.reset();
  }
}

std::uint32_t SiteRegistry::add(const Site& site, SiteGate& gate, ClientBits* off_for,
                                void* library) {
  State& all = state();
  // Everything is allocated without the lock: the program's allocator may log, and so come here.
  auto entry = std::make_unique<Entry>(Entry{copy_site(site, 0), &gate, off_for, library});
  if (is_named_by_call(entry->site)) entry->off_for = nullptr;
  std::list<void*> watched(1, library);
  auto chunk = instance().count() % kChunkSites == 0 ? std::make_unique<Chunk>() : nullptr;
  const std::lock_guard lock(all.mutex);
  const std::uint32_t known = gate.id.load(Order::kRelaxed);  // relaxed: the mutex orders stores
  if (known != 0) return known;
  if (!all.watches(library) && __cxa_atexit(forget_library, library, library) == 0) {
    all.libraries.splice(all.libraries.end(), watched);
  }
  Entry& added = all.take(entry, chunk);
  for (std::uint32_t slot = 0; added.off_for != nullptr && slot < kClientSlots; ++slot) {
    if (all.switches[slot]) {
      added.set(slot, all.number_of(slot), all.switches[slot](added.site));
    }
  }
  // relaxed, both: switches; only holders of the mutex store them
  gate.bits.store(gate.bits.load(Order::kRelaxed) | bits_of(added.site, added.off_for != nullptr),
                  Order::kRelaxed);
  // release: for no particular acquire; a reader of a record finds its site, because the first head
  // publishes the record that names it
  gate.id.store(added.site.id, Order::kRelease);
  return added.site.id;
}

std::uint32_t register_site(const Site& site, SiteGate& gate, void* library) {
  return SiteRegistry::add(site, gate, nullptr, library);
}
std::uint32_t register_site(const Site& site, NamedSiteGate& gate, void* library) {
  return SiteRegistry::add(site, gate, &gate.off_for, library);
}

std::uint32_t register_early(const Site& site, SiteGate& gate, void* library) {
  return register_site(site, gate, library);
}
std::uint32_t register_early(const Site& site, NamedSiteGate& gate, void* library) {
  return register_site(site, gate, library);
}

}  // namespace metlog
