#ifndef METLOG_PROVIDER_PLUGIN_ABI_H
#define METLOG_PROVIDER_PLUGIN_ABI_H

/*
 * The interface of a provider in a shared object: plain C, so that the compilers of both sides need
 * not match. A configuration names the library and a symbol, `path/to/libaudit.so:audit`, and the
 * symbol is a constant:
 *
 *   const metlog_provider audit = {METLOG_PLUGIN_MAGIC, METLOG_PLUGIN_ABI, METLOG_PLUGIN_METHOD,
 *                                  sizeof(metlog_provider), create, destroy, method_name, call};
 *
 * Every text that passes between host and provider is UTF-8, not terminated, and valid until the
 * call returns. It is JSON, except names, errors, the type, logger and payload in metlog_host.get
 * and set, a message to a sender, and the result of a formatter. Functions must not throw; the host
 * catches exceptions of its own C++ runtime.
 *
 * Versions: the host takes only providers of its own METLOG_PLUGIN_ABI. Within one version a struct
 * grows only at its end, and `size` is the part of it that the other side knows.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define METLOG_PLUGIN_MAGIC UINT32_C(0x4d45544c)
#define METLOG_PLUGIN_ABI UINT32_C(1)

/* Kinds of providers. */
#define METLOG_PLUGIN_METHOD UINT32_C(1)
#define METLOG_PLUGIN_FILTER UINT32_C(2)
#define METLOG_PLUGIN_SENDER UINT32_C(3)
#define METLOG_PLUGIN_FORMATTER UINT32_C(4)

/* Results of functions. */
enum {
  METLOG_PLUGIN_OK = 0,    /* done; of a filter: the message passes; of a sender: it was taken */
  METLOG_PLUGIN_ERROR = 1, /* the answer is the reason, as text; of a sender: the message is lost */
  METLOG_PLUGIN_BUSY = 2,  /* of a sender: call again with the same message */
  METLOG_PLUGIN_DROP = 3   /* of a filter: the message is dropped */
};

typedef struct metlog_text {
  const char* data;
  size_t size;
} metlog_text;

/* Objects of the host, used only through the functions of metlog_host; valid until the call
   returns. */
typedef struct metlog_client metlog_client;
typedef struct metlog_message metlog_message;

/* Receives a text: a result, or the reason for an error. */
typedef struct metlog_answer {
  void (*set)(void* context, metlog_text text);
  void* context;
} metlog_answer;

/* The functions of the host; valid as long as the process lives. Any thread. */
typedef struct metlog_host {
  uint32_t abi; /* METLOG_PLUGIN_ABI */
  uint32_t size;

  /* Calls a method of the client by name. `arguments` is {"positional":[...],"named":{...}}, either
     of which may be missing. `answer` may be null. METLOG_PLUGIN_OK or METLOG_PLUGIN_ERROR. */
  int (*call)(metlog_client* client, metlog_text method, metlog_text arguments,
              const metlog_answer* answer);

  /* Reads a message in a filter. `key` is "type", "logger" or "payload", which are text, or a
     field, which is JSON; data is null when there is no such field. */
  metlog_text (*get)(const metlog_message* message, metlog_text key);
  int32_t (*severity)(const metlog_message* message);
  /* Changes it. METLOG_PLUGIN_ERROR when the value of a field is not JSON. */
  int (*set)(metlog_message* message, metlog_text key, metlog_text value);
  void (*set_severity)(metlog_message* message, int32_t severity);
} metlog_host;

typedef struct metlog_provider {
  uint32_t magic; /* METLOG_PLUGIN_MAGIC */
  uint32_t abi;   /* METLOG_PLUGIN_ABI */
  uint32_t kind;
  uint32_t size; /* sizeof(metlog_provider) */

  /* Makes an instance; `parameters` is the configuration's object. After METLOG_PLUGIN_ERROR there
     is no instance, and no other function is called. One thread at a time. */
  int (*create)(const metlog_host* host, metlog_text parameters, void** instance,
                const metlog_answer* answer);
  /* Destroys it when no other call is running; the library may be unloaded afterwards. May be
     null. */
  void (*destroy)(void* instance);

  /* METLOG_PLUGIN_METHOD: the name it declares, and the call, by several threads at a time.
     `arguments` is as in metlog_host.call, with both members; the answer is JSON, null if unset. */
  metlog_text (*method_name)(void* instance);
  int (*call)(void* instance, metlog_client* client, metlog_text arguments,
              const metlog_answer* answer);

  /* METLOG_PLUGIN_FILTER: METLOG_PLUGIN_OK or METLOG_PLUGIN_DROP. One thread at a time. */
  int (*filter)(void* instance, metlog_message* message);

  /* METLOG_PLUGIN_SENDER: one message, an envelope or a line; METLOG_PLUGIN_OK, METLOG_PLUGIN_BUSY
     or METLOG_PLUGIN_ERROR, within about 100 ms. flush, which may be null, waits until everything
     taken has left this process, and returns METLOG_PLUGIN_ERROR when the time is over first. One
     thread at a time. */
  int (*send)(void* instance, metlog_text message);
  int (*flush)(void* instance, int64_t limit_ns);

  /* METLOG_PLUGIN_FORMATTER: the text of a message, from its envelope. It may contain newlines; on
     METLOG_PLUGIN_ERROR the message is lost. create gets {}. One thread at a time. Ignored if
     `size` does not include it. */
  int (*format)(void* instance, metlog_text message, const metlog_answer* answer);
} metlog_provider;

#ifdef __cplusplus
}
#endif

#endif
