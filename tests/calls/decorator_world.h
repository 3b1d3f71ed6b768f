#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "metlog/decorators.h"

namespace metlog {

/// Replaces the holder of clients for decorators while it lives.
struct DecoratorWorld {
  DecoratorWorld() {
    now = this;
    before_ = set_decorator_source(
        {[] { return now->client; },
         [](std::string_view name) {
           const auto found = now->named.find(name);
           return found != now->named.end() ? found->second : nullptr;
         },
         [](std::string_view kind) { return now->disabled_decorators.contains(kind); },
         [](const Client&, std::string_view name) { return now->disabled_timers.contains(name); }});
  }
  ~DecoratorWorld() { set_decorator_source(before_); }
  DecoratorWorld(const DecoratorWorld&) = delete;
  DecoratorWorld& operator=(const DecoratorWorld&) = delete;

  Client* client = nullptr;
  std::map<std::string, Client*, std::less<>> named;
  std::set<std::string, std::less<>> disabled_decorators;
  std::set<std::string, std::less<>> disabled_timers;

 private:
  static inline DecoratorWorld* now = nullptr;
  DecoratorSource before_{};
};

inline int add(int a, int b) { return a + b; }
inline int boom() { throw std::runtime_error("boom"); }

struct Cart {
  std::string owner =
      {};  // without it g++ 12 warns about a virtual function that Cart has no room for
  int items = 3;
  [[nodiscard]] int total(int price) const { return items * price; }
};

struct Callable {
  int operator()(int a) const { return a; }
};

}  // namespace metlog
