#include "metlog/internal/codec/additions.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/nearest_name.h"

namespace metlog {
namespace {

struct Addition {
  std::string_view name;
  PartKind kind;
  bool is_number;
};

constexpr Addition kAdditions[] = {
    {"level", PartKind::kLevel, false},       {"file", PartKind::kFile, false},
    {"path", PartKind::kPath, false},         {"line", PartKind::kLine, true},
    {"function", PartKind::kFunction, false}, {"thread_id", PartKind::kThreadId, true},
    {"thread", PartKind::kThreadName, false}, {"process", PartKind::kProgram, false}};

constexpr std::string_view kEnvelopeKeys[] = {
    "type",   "timestamp",  "logger",          "severity",    "payload",
    "fields", "metlog_pid", "metlog_hostname", "env_version", "metlog_id"};

constexpr std::size_t kGrowth = std::max(kJsonTextGrowth, kLineTextGrowth);

absl::Status wrong(std::string_view add, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("add='", line_text(add), "': ", what));
}

bool is_key(std::string_view name) {
  constexpr std::string_view kOthers = "_-.@";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || kOthers.find(letter) != std::string_view::npos;
  });
}

bool is_reserved(std::string_view name) {
  return std::find(std::begin(kEnvelopeKeys), std::end(kEnvelopeKeys), name) !=
         std::end(kEnvelopeKeys);
}

/// Adds one `part` or `part:name`.
absl::Status add_part(Layout& layout, std::vector<std::string>& names, std::string_view add,
                      std::string_view item) {
  const std::string_view part = item.substr(0, item.find(':'));
  const std::string name(part.size() == item.size() ? part : item.substr(part.size() + 1));
  const auto* const known = std::find_if(std::begin(kAdditions), std::end(kAdditions),
                                         [&](const Addition& each) { return each.name == part; });
  if (known == std::end(kAdditions)) {
    std::vector<std::string> all;
    for (const Addition& each : kAdditions) all.emplace_back(each.name);
    return wrong(add, absl::StrCat("'", line_text(part), "' cannot be added", hint_at(part, all)));
  }
  if (!is_key(name)) {
    return wrong(
        add, absl::StrCat("the name '", line_text(name), "' takes letters, digits, and _ - . @"));
  }
  if (is_reserved(name) || std::find(names.begin(), names.end(), name) != names.end()) {
    return wrong(add, absl::StrCat("the name '", name, "' is taken; give another one, as in ",
                                   std::string(part), ":code.", std::string(part)));
  }
  names.push_back(name);
  LayoutPart made{known->kind};
  if (layout.style == LayoutStyle::kLogfmt) {
    made.before = absl::StrCat(" ", name, "=");
  } else {
    made.before = absl::StrCat(",\"", name, "\":", known->is_number ? "" : "\"");
    if (!known->is_number) made.text.assign(1, '"');
  }
  layout.parts.push_back(std::move(made));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Layout>> make_additions(MessageFormat format,
                                                             std::string_view add) {
  if (add.empty()) return nullptr;
  auto layout = std::make_shared<Layout>();
  switch (format) {
    case MessageFormat::kText:
      layout->style = LayoutStyle::kLogfmt;  // of words
      break;
    case MessageFormat::kJson:
    case MessageFormat::kIndented:
      layout->style = LayoutStyle::kEcs;  // of JSON
      break;
    default:
      return wrong(add, "only json, indented and text take what is added; the others have it");
  }
  std::vector<std::string> names;
  for (std::string_view rest = add;;) {
    const std::string_view item = rest.substr(0, rest.find(','));
    if (absl::Status status = add_part(*layout, names, add, item); !status.ok()) return status;
    if (item.size() == rest.size()) break;
    rest.remove_prefix(item.size() + 1);
  }
  layout->complete();
  return layout;
}

void Additions::set_client(std::uint32_t slot, const ClientText& client) {
  if (clients_.size() <= slot) clients_.resize(slot + 1);
  clients_[slot].reset();
  if (client.additions == nullptr) return;
  ClientText with_layout = client;
  with_layout.layout = client.additions;
  clients_[slot] = std::make_unique<RenderedLayout>(std::move(with_layout), process_);
}

std::size_t Additions::bytes(std::uint32_t slot) const {
  if (clients_[slot] == nullptr) return 0;
  const Layout& layout = clients_[slot]->layout();
  return layout.fixed_bytes +
         kGrowth * layout.process_mentions * (process_.hostname.size() + process_.program.size());
}

std::size_t Additions::place_factor(std::uint32_t slot) const {
  return clients_[slot] == nullptr ? 0 : kGrowth * clients_[slot]->layout().place_mentions;
}

char* Additions::append(char* out, const RecordView& record, const std::vector<ArgBytes>& args,
                        std::uint32_t slot) {
  RenderedLayout& rendered = *clients_[slot];
  const SiteLayout& site = *record.layout;
  if (site.overrides_origin) {
    const PartSource source{site.origin(args, rendered.client()), site.site->file, site.function,
                            site.site->line};
    return append_all(out, rendered, source, record.thread);
  }
  const SiteRuns* runs = rendered.find(record);
  if (runs == nullptr) [[unlikely]] {
    runs = &rendered.runs_of(record, out, [&](char* to, std::size_t part) {
      return rendered.append_thread(to, part, record.thread);
    });
  }
  for (const SiteRuns::Step& step : runs->steps) {
    out = runs->append(out, step);
    if (step.next == SiteRuns::Next::kEnd) break;
    out = rendered.append_thread(out, step.part, record.thread);
  }
  return out;
}

char* Additions::append_all(char* out, RenderedLayout& rendered, const PartSource& source,
                            const ThreadText* thread) {
  const Layout& layout = rendered.layout();
  for (const Layout::Step& step : layout.steps) {
    out = rendered.append_run(out, step, source);
    if (step.end != layout.parts.size()) out = rendered.append_thread(out, step.end, thread);
  }
  return out;
}

std::string Additions::of(std::string_view type, std::string_view logger, std::int64_t severity,
                          const MessageSource& from, std::uint32_t slot) {
  if (clients_[slot] == nullptr) return "";
  const PartSource source{{type, logger, severity}, from.file, from.function, from.line};
  const ThreadText thread{from.thread_id, from.thread_name};
  std::string text(bytes(slot) + kGrowth * clients_[slot]->layout().parts.size() *
                                     (from.file.size() + from.function.size()),
                   '\0');
  const char* const end = append_all(text.data(), *clients_[slot], source, &thread);
  text.resize(static_cast<std::size_t>(end - text.data()));
  return text;
}

}  // namespace metlog
