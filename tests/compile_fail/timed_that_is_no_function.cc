// Must mention: a timer wraps something that can be called
#include "metlog/timed.h"

void call(metlog::Client& log) { (void)metlog::timed(log, "name", "foo"); }
