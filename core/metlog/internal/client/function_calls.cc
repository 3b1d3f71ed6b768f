// The function API: calls whose names are known only at run time. Each shape of call has its own
// site, so that the ring and the flusher know only one kind of record.

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "metlog/client.h"
#include "metlog/exception_text.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/python/python_text.h"
#include "metlog/internal/site/field_bytes.h"
#include "metlog/message.h"
#include "metlog/timer.h"

namespace metlog {
namespace {

using NameArg = Tagged<ArgRole::kName, std::string_view>;
using TypeArg = Tagged<ArgRole::kType, std::string_view>;
using LoggerArg = Tagged<ArgRole::kLogger, std::string_view>;
template <class T>
using FieldsArg = Tagged<ArgRole::kFieldList, T>;
using PayloadArg = Tagged<ArgRole::kPayloadValue, RuntimeTypedRef<FieldValue>>;
using FieldListRef = RuntimeTypedRef<FieldList>;
using TimeArg = Tagged<ArgRole::kTime, std::int64_t>;

template <SiteKind kKind, Severity kSeverity, class... Shape>
struct FunctionSite {
  // No file and line: they would be those of this file, not the caller's.
  static constexpr SiteText text() { return {kKind, kSeverity, "", "", "", 0}; }
};

template <SiteKind kKind, Severity kSeverity = Severity::kInfo, class... A>
void call_function(const ClientGate& client, std::uint64_t stamp, const A&... args) {
  using Tag = FunctionSite<kKind, kSeverity, A...>;
  if (!SiteOf<Tag>::gate.admits(client)) return;
  if constexpr ((kIsComposite<typename decltype(reduce_arg(args))::Value> || ...)) {
    // Inline is acceptable here: this code exists once for each shape, not for each call.
    emit_composite_in_place<priority_of<Tag>()>(client.slot, site_id<Tag, A...>(), stamp,
                                                reduce_arg(args)...);
  } else {
    call_in_roles<Tag>(client.slot, stamp, args...);
  }
}

/// Counts a call whose values do not fit into EncodedValues.
template <SiteKind kKind>
void count_too_big(const ClientGate& client, std::uint64_t stamp, Bytes beginning) {
  if (SiteOf<FunctionSite<kKind, Severity::kInfo>>::gate.admits(client)) {
    emit_too_big({client.slot, 0, Priority::kNormal, stamp}, beginning);
  }
}

bool is_plain(const CallOptions& options) {
  return options.logger.data() == nullptr && options.severity == CallOptions::kSeverityNotGiven &&
         options.fields.size() == 0;
}

/// Values and fields of a call, encoded on the stack in the form that the flusher reads.
class EncodedValues {
 public:
  EncodedValues() : writer_(bytes_, sizeof bytes_) {}

  template <class T>
  void add(const T& value) {
    writer_.write(runtime_typed(value));
  }
  [[nodiscard]] bool fits() const { return writer_.fits(); }
  [[nodiscard]] Bytes bytes() const { return {bytes_, writer_.size()}; }

 private:
  unsigned char bytes_[CompositeWriter::kMaxBytes];
  CompositeWriter writer_;
};

/// The optional arguments of a call. For those that the caller does not give, the flusher takes the
/// client's: its options may change while the call is made.
template <class Fields>
struct CallExtras {
  std::string_view logger;  // null when not given
  int severity;
  const Fields& fields;  // a FieldListRef, or encoded
};

template <SiteKind kKind, class Fields, class... A>
void call_with_extras(const ClientGate& client, std::uint64_t stamp,
                      const CallExtras<Fields>& extras, const A&... args) {
  const SeverityArg severity_arg{extras.severity};
  const FieldsArg<Fields> fields_arg{extras.fields};
  if (extras.logger.data() == nullptr) {
    call_function<kKind>(client, stamp, args..., severity_arg, fields_arg);
  } else {
    call_function<kKind>(client, stamp, args..., LoggerArg{extras.logger}, severity_arg,
                         fields_arg);
  }
}

/// Returns the payload of a metric whose value is not a number, as the reference writes it: "None",
/// "[1, 2]".
std::string text_of(const FieldValue& value) {
  switch (value.kind()) {
    case FieldValue::Kind::kList:
      return python_str(ValueList(value.items(), value.items() + value.item_count()));
    case FieldValue::Kind::kMap:
      return python_str(value.map());
    default:
      return python_str(nullptr);
  }
}

/// True when a metric's value is to be converted to a string. A value that does not fit into
/// EncodedValues is too big here, too.
template <SiteKind kKind>
[[gnu::noinline]] bool takes_text_of(const FieldValue& value, const ClientGate& client,
                                     std::uint64_t stamp) {
  EncodedValues values;
  values.add(value);
  if (!values.fits()) count_too_big<kKind>(client, stamp, values.bytes());
  return values.fits();
}

template <SiteKind kKind>
void send_metric(const ClientGate& client, const CallOptions& options, const FieldValue& number,
                 std::string_view name) {
  const std::uint64_t stamp = client.stamp();
  const NameArg name_arg{name};
  const bool is_bare = is_plain(options) && options.rate == 1.0;
  const auto send = [&]<class T>(const T& value) {
    const Tagged<ArgRole::kCount, T> count{value};
    if (is_bare) return call_function<kKind>(client, stamp, name_arg, count);
    const FieldListRef fields{options.fields};
    const CallExtras<FieldListRef> extras{options.logger, options.severity, fields};
    call_with_extras<kKind>(client, stamp, extras, name_arg, count, Rate{options.rate});
  };
  switch (number.kind()) {
    case FieldValue::Kind::kReal:
      return send(number.real());
    case FieldValue::Kind::kText:
      return send(number.text());
    case FieldValue::Kind::kBool:  // counts as 1 or 0
    case FieldValue::Kind::kInt:
      return send(static_cast<std::int64_t>(number.bits()));
    case FieldValue::Kind::kUint:
      return send(number.bits());
    default:
      if (takes_text_of<kKind>(number, client, stamp)) {
        send(std::string_view(text_of(number)));
      }
  }
}

void emit_event(const ClientGate& client, std::string_view type, const CallOptions& options,
                FieldValue payload) {
  const std::uint64_t stamp = client.stamp();
  const TypeArg type_arg{type};
  const RuntimeTypedRef<FieldValue> value{payload};
  const PayloadArg payload_arg{value};
  if (is_plain(options)) {
    call_function<SiteKind::kEvent>(client, stamp, type_arg, payload_arg);
  } else {
    const FieldListRef fields{options.fields};
    const CallExtras<FieldListRef> extras{options.logger, options.severity, fields};
    call_with_extras<SiteKind::kEvent>(client, stamp, extras, type_arg, payload_arg);
  }
}

void emit_log(const ClientGate& client, Severity severity, std::string_view text) {
  const std::uint64_t stamp = client.stamp();
  const Tagged<ArgRole::kPayload, std::string_view> payload{text};
  switch (severity) {
    case Severity::kEmergency:
      return call_function<SiteKind::kLog, Severity::kEmergency>(client, stamp, payload);
    case Severity::kAlert:
      return call_function<SiteKind::kLog, Severity::kAlert>(client, stamp, payload);
    case Severity::kCritical:
      return call_function<SiteKind::kLog, Severity::kCritical>(client, stamp, payload);
    case Severity::kError:
      return call_function<SiteKind::kLog, Severity::kError>(client, stamp, payload);
    case Severity::kWarning:
      return call_function<SiteKind::kLog, Severity::kWarning>(client, stamp, payload);
    case Severity::kNotice:
      return call_function<SiteKind::kLog, Severity::kNotice>(client, stamp, payload);
    case Severity::kInfo:
      return call_function<SiteKind::kLog, Severity::kInfo>(client, stamp, payload);
    case Severity::kDebug:
      return call_function<SiteKind::kLog, Severity::kDebug>(client, stamp, payload);
    case Severity::kTrace:
      return call_function<SiteKind::kLog, Severity::kTrace>(client, stamp, payload);
  }
}

void emit_message(const ClientGate& client, const Message& message) {
  const std::uint64_t stamp = client.stamp();
  std::vector<Field> entries;
  entries.reserve(message.fields().size());
  for (const ValueEntry& entry : message.fields()) entries.push_back({entry.key, entry.value});
  const FieldList list(entries.data(), entries.size());
  const FieldListRef fields{list};
  const FieldValue payload(message.payload());
  const RuntimeTypedRef<FieldValue> value{payload};
  // The wire's severities are small; the lowest number of all means that none is given.
  const auto severity = static_cast<int>(std::clamp<std::int64_t>(
      message.severity(), -std::numeric_limits<int>::max(), std::numeric_limits<int>::max()));
  const CallExtras<FieldListRef> extras{message.logger(), severity, fields};
  const std::string_view name = message.type();
  const TypeArg type{name};
  const std::int64_t utc_ns = message.utc_ns();
  if (utc_ns == 0) {
    call_with_extras<SiteKind::kEvent>(client, stamp, extras, type, PayloadArg{value});
  } else {
    call_with_extras<SiteKind::kEvent>(client, stamp, extras, type, PayloadArg{value},
                                       TimeArg{utc_ns});
  }
}

}  // namespace

void Client::send_event(std::string_view type, const CallOptions& options, FieldValue payload) {
  if (state_ != nullptr) emit_event(gate_, type, options, payload);
}

void Client::send_message(const Message& message) {
  if (state_ == nullptr || blocks(SiteKind::kEvent, CallOptions{.severity = 0})) return;
  emit_message(gate_, message);
}

void Client::send_count(std::string_view name, FieldValue count, const CallOptions& options) {
  if (state_ == nullptr || !draw_sample(options.rate, gate_.slot)) return;
  send_metric<SiteKind::kCounter>(gate_, options, count, name);
}

void Client::send_time(std::string_view name, FieldValue elapsed_ms, const CallOptions& options) {
  if (state_ == nullptr) return;
  send_metric<SiteKind::kTimer>(gate_, options, elapsed_ms, name);
}

bool Client::begins_timer(std::string_view name, double rate) const {
  // timer() has asked for `*`.
  return state_ != nullptr && !state_->timers->is_off(name) && draw_sample(rate, gate_.slot);
}

void Timer::start(std::string_view name, const CallOptions& options) {
  EncodedValues values;
  values.add(options.fields);
  const auto* const fields = static_cast<const char*>(values.bytes().at);
  started_.emplace(Started{std::string(name), std::string(options.logger),
                           std::string(fields, values.bytes().size), values.fits(), options,
                           steady_ticks()});
}

std::int64_t Timer::stop() {
  Client* const client = std::exchange(client_, nullptr);
  if (client == nullptr || client->state_ == nullptr) return 0;
  const std::uint64_t now = steady_ticks();
  result_ = client->send_elapsed(*this, now, now - started_->ticks);
  return *result_;
}

std::int64_t Client::send_elapsed(const Timer& timer, std::uint64_t now, std::uint64_t elapsed) {
  const Timer::Started& started = *timer.started_;
  CallExtras<std::string> extras{{}, started.options.severity, started.fields};
  if (started.options.logger.data() != nullptr) extras.logger = started.logger;
  if (started.fields_fit) {
    call_with_extras<SiteKind::kTimer>(gate_, now, extras, NameArg{started.name}, Elapsed{elapsed},
                                       Rate{started.options.rate});
  } else {
    count_too_big<SiteKind::kTimer>(gate_, now, {started.fields.data(), started.fields.size()});
  }
  return state_->engine->milliseconds(elapsed);
}

void Client::send_log(Severity severity, std::string_view text) { emit_log(gate_, severity, text); }

void Client::send_log(Severity severity, std::string_view text, const ExceptionRef& error) {
  if (error.is_none()) return send_log(severity, text);
  send_log(severity, std::string(text).append(exception_after(text, error)));
}

}  // namespace metlog
