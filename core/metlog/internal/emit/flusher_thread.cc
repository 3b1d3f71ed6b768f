#include "metlog/internal/emit/flusher_thread.h"

namespace metlog {

constinit thread_local int FlusherThread::t_depth_ = 0;

}  // namespace metlog
