#ifndef METLOG_PROVIDER_PLUGIN_ABI_H
#define METLOG_PROVIDER_PLUGIN_ABI_H

/*
 * How a shared object offers a provider: plain C, so that neither side need know the other's
 * compiler. A configuration names the library and a symbol, `path/to/libaudit.so:audit`, and the
 * symbol is a constant:
 *
 *   const metlog_provider audit = {METLOG_PLUGIN_MAGIC, METLOG_PLUGIN_ABI, METLOG_PLUGIN_METHOD,
 *                                  sizeof(metlog_provider), create, destroy, method_name, call};
 *
 * What a provider is given, answers and receives as text is UTF-8, not terminated, and valid until
 * the call returns. It is JSON, but for names, errors, what metlog_host.get and set say of a type,
 * a logger or a payload, a message to a sender, and the text that a formatter answers. No exception
 * may leave a function here, though one of the host's own C++ runtime is caught.
 *
 * Versions: the host takes providers of its own METLOG_PLUGIN_ABI alone. Within one version a
 * struct grows at its end only, and `size` tells how much of it the other side knows.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define METLOG_PLUGIN_MAGIC UINT32_C(0x4d45544c)
#define METLOG_PLUGIN_ABI UINT32_C(1)

/* What a provider makes. */
#define METLOG_PLUGIN_METHOD UINT32_C(1)
#define METLOG_PLUGIN_FILTER UINT32_C(2)
#define METLOG_PLUGIN_SENDER UINT32_C(3)
#define METLOG_PLUGIN_FORMATTER UINT32_C(4)

/* What functions return. */
enum {
  METLOG_PLUGIN_OK = 0,    /* done; of a filter: the message passes; of a sender: it was taken */
  METLOG_PLUGIN_ERROR = 1, /* the answer is the reason, as text; of a sender: the message is lost */
  METLOG_PLUGIN_BUSY = 2,  /* of a sender: come again with the same message */
  METLOG_PLUGIN_DROP = 3   /* of a filter: the message goes no further */
};

typedef struct metlog_text {
  const char* data;
  size_t size;
} metlog_text;

/* The host's, seen through the functions of metlog_host alone, and until the call returns. */
typedef struct metlog_client metlog_client;
typedef struct metlog_message metlog_message;

/* Takes a text: a result, or the reason of an error. */
typedef struct metlog_answer {
  void (*set)(void* context, metlog_text text);
  void* context;
} metlog_answer;

/* What the host offers; lives as long as the process. Any thread. */
typedef struct metlog_host {
  uint32_t abi; /* METLOG_PLUGIN_ABI */
  uint32_t size;

  /* Calls a method of the client by name. `arguments` is {"positional":[...],"named":{...}}, either
     of which may be missing. `answer` may be null. METLOG_PLUGIN_OK or METLOG_PLUGIN_ERROR. */
  int (*call)(metlog_client* client, metlog_text method, metlog_text arguments,
              const metlog_answer* answer);

  /* A message on its way through a filter. `key` is "type", "logger", "payload": its text; or
     anything else, a field: its JSON; data is null when there is no such field. */
  metlog_text (*get)(const metlog_message* message, metlog_text key);
  int32_t (*severity)(const metlog_message* message);
  /* Changes it. METLOG_PLUGIN_ERROR when the JSON of a field is none. */
  int (*set)(metlog_message* message, metlog_text key, metlog_text value);
  void (*set_severity)(metlog_message* message, int32_t severity);
} metlog_host;

typedef struct metlog_provider {
  uint32_t magic; /* METLOG_PLUGIN_MAGIC */
  uint32_t abi;   /* METLOG_PLUGIN_ABI */
  uint32_t kind;
  uint32_t size; /* sizeof(metlog_provider) */

  /* Makes what a configuration asks for; `parameters` is its object. On METLOG_PLUGIN_ERROR nothing
     is left behind, and nothing else is called. One thread at a time. */
  int (*create)(const metlog_host* host, metlog_text parameters, void** instance,
                const metlog_answer* answer);
  /* Ends it, when nobody is inside; the library may be unloaded afterwards. May be null. */
  void (*destroy)(void* instance);

  /* METLOG_PLUGIN_METHOD: the name it declares, and the call, by several threads at a time.
     `arguments` is as in metlog_host.call, with both members; the answer is JSON, null if unset. */
  metlog_text (*method_name)(void* instance);
  int (*call)(void* instance, metlog_client* client, metlog_text arguments,
              const metlog_answer* answer);

  /* METLOG_PLUGIN_FILTER: METLOG_PLUGIN_OK or METLOG_PLUGIN_DROP. One thread at a time. */
  int (*filter)(void* instance, metlog_message* message);

  /* METLOG_PLUGIN_SENDER: one message, an envelope or a line; METLOG_PLUGIN_OK, METLOG_PLUGIN_BUSY
     or METLOG_PLUGIN_ERROR, within about 100 ms. flush, which may be null, waits until all that was
     taken is out of this process, and answers METLOG_PLUGIN_ERROR when the time is over first. One
     thread at a time. */
  int (*send)(void* instance, metlog_text message);
  int (*flush)(void* instance, int64_t limit_ns);

  /* METLOG_PLUGIN_FORMATTER: the text of a message, which is given as its envelope. It may hold
     newlines; on METLOG_PLUGIN_ERROR the message is lost. Its create is given {}. One thread at a
     time. Not looked at in providers of a size without it. */
  int (*format)(void* instance, metlog_text message, const metlog_answer* answer);
} metlog_provider;

#ifdef __cplusplus
}
#endif

#endif
