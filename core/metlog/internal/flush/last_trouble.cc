#include "metlog/internal/flush/last_trouble.h"

namespace metlog {
namespace {

constinit thread_local Trouble last;

}  // namespace

void note_trouble(const char* doing, int error) { last = {doing, error}; }

std::optional<Trouble> take_trouble() {
  if (last.error == 0) return std::nullopt;
  const Trouble taken = last;
  last = {};
  return taken;
}

}  // namespace metlog
