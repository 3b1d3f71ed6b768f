// What shared_object_test loads: providers that are right, and wrong in every way but one.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "metlog/plugin_abi.h"

namespace {

/// Of every provider here: what it was made with.
struct Instance {
  const metlog_host* host;
  std::string parameters;
};

std::string string_of(metlog_text text) { return {text.data, text.size}; }
metlog_text text_of(const std::string& text) { return {text.data(), text.size()}; }
void give(const metlog_answer* answer, const std::string& text) {
  answer->set(answer->context, text_of(text));
}

int create(const metlog_host* host, metlog_text parameters, void** instance,
           const metlog_answer* answer) {
  const std::string given = string_of(parameters);
  if (given == R"({"throw":true})") throw std::runtime_error("out of cheese");
  if (given == R"({"refuse":true})") {
    give(answer, "no 'refuse' here");
    return METLOG_PLUGIN_ERROR;
  }
  *instance = new Instance{host, given};
  return METLOG_PLUGIN_OK;
}

void destroy(void* instance) { delete static_cast<Instance*>(instance); }

metlog_text method_name(void*) { return {"echo", 4}; }
metlog_text no_name(void*) { return {nullptr, 0}; }

/// Answers parameters and arguments; with a method's name as first argument, that method's answer.
int call(void* instance, metlog_client* client, metlog_text arguments,
         const metlog_answer* answer) {
  const auto* const made = static_cast<const Instance*>(instance);
  const std::string given = string_of(arguments);
  if (given.find("\"throw\"") != std::string::npos) throw 7;
  if (given.find("\"garble\"") != std::string::npos) {
    give(answer, "{not JSON");
    return METLOG_PLUGIN_OK;
  }
  if (given.find("\"nothing\"") != std::string::npos) return METLOG_PLUGIN_OK;
  if (given.find("\"incr\"") != std::string::npos) {
    return made->host->call(client, {"incr", 4}, {R"({"positional":["from C"]})", 25}, answer);
  }
  if (given.find("\"wrong\"") != std::string::npos) {
    return made->host->call(client, {"incr", 4}, {"[]", 2}, answer);
  }
  give(answer, "[" + made->parameters + "," + given + "]");
  return METLOG_PLUGIN_OK;
}

/// Takes one message, is busy once, and then loses what holds an x.
int send(void* instance, metlog_text message) {
  auto* const made = static_cast<Instance*>(instance);
  if (made->parameters != "busy before") {
    made->parameters = "busy before";
    return METLOG_PLUGIN_BUSY;
  }
  return string_of(message).find('x') == std::string::npos ? METLOG_PLUGIN_OK : METLOG_PLUGIN_ERROR;
}

std::string get(const metlog_host* host, const metlog_message* message, const std::string& key) {
  const metlog_text text = host->get(message, text_of(key));
  return text.data == nullptr ? "(none)" : string_of(text);
}

/// Drops what is of type "drop", fails at "fail", and rewrites the rest.
int filter(void* instance, metlog_message* message) {
  const metlog_host* const host = static_cast<const Instance*>(instance)->host;
  const std::string type = get(host, message, "type");
  if (type == "drop") return METLOG_PLUGIN_DROP;
  if (type == "fail") return METLOG_PLUGIN_ERROR;
  if (host->set(message, {"bad", 3}, {"{", 1}) != METLOG_PLUGIN_ERROR) return METLOG_PLUGIN_ERROR;
  std::string seen(1, '"');
  for (const char* const key : {"logger", "payload", "n", "absent"}) {
    seen.append(get(host, message, key)).append(1, ',');
  }
  seen.append(std::to_string(host->severity(message))).append(1, '"');
  host->set(message, {"seen", 4}, text_of(seen));
  host->set(message, {"payload", 7}, {"changed", 7});
  host->set_severity(message, 2);
  return METLOG_PLUGIN_OK;
}

/// The envelope in angle brackets; fails at an empty one.
int format(void*, metlog_text message, const metlog_answer* answer) {
  if (message.size == 0) return METLOG_PLUGIN_ERROR;
  give(answer, std::string(1, '<').append(string_of(message)).append(1, '>'));
  return METLOG_PLUGIN_OK;
}

constexpr metlog_provider method() {
  metlog_provider provider{};
  provider.magic = METLOG_PLUGIN_MAGIC;
  provider.abi = METLOG_PLUGIN_ABI;
  provider.kind = METLOG_PLUGIN_METHOD;
  provider.size = sizeof provider;
  provider.create = create;
  provider.destroy = destroy;
  provider.method_name = method_name;
  provider.call = call;
  return provider;
}

template <class T>
constexpr metlog_provider with(T metlog_provider::*member, T value) {
  metlog_provider provider = method();
  provider.*member = value;
  return provider;
}

constexpr metlog_provider sender() {
  metlog_provider provider = with(&metlog_provider::kind, METLOG_PLUGIN_SENDER);
  provider.send = send;
  return provider;
}

constexpr metlog_provider filtering() {
  metlog_provider provider = with(&metlog_provider::kind, METLOG_PLUGIN_FILTER);
  provider.filter = filter;
  return provider;
}

constexpr metlog_provider formatting() {
  metlog_provider provider = with(&metlog_provider::kind, METLOG_PLUGIN_FORMATTER);
  provider.format = format;
  return provider;
}

/// As from before there were formatters.
constexpr metlog_provider old(metlog_provider provider) {
  provider.size = offsetof(metlog_provider, format);
  return provider;
}

}  // namespace

extern "C" {
extern const metlog_provider echo, another_magic, another_version, too_small, without_call,
    without_name, without_create, some_sender, some_filter, some_formatter, old_formatter,
    old_sender;
const metlog_provider echo = method();
const metlog_provider another_magic = with(&metlog_provider::magic, std::uint32_t{1});
const metlog_provider another_version = with(&metlog_provider::abi, std::uint32_t{9});
const metlog_provider too_small = with(&metlog_provider::size, std::uint32_t{16});
const metlog_provider without_call =
    with(&metlog_provider::call, static_cast<decltype(metlog_provider::call)>(nullptr));
const metlog_provider without_create =
    with(&metlog_provider::create, static_cast<decltype(metlog_provider::create)>(nullptr));
const metlog_provider without_name = with(&metlog_provider::method_name, no_name);
const metlog_provider some_sender = sender();
const metlog_provider some_filter = filtering();
const metlog_provider some_formatter = formatting();
const metlog_provider old_formatter = old(formatting());
const metlog_provider old_sender = old(sender());
int a_function();
int a_function() { return 0; }
}
