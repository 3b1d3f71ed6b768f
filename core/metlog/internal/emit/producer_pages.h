#pragma once

#include "metlog/internal/emit/producer.h"

namespace metlog {

/// The calling thread's page: the one it has, or a fresh one, zeroed and wiped on fork. Null when
/// the system refuses memory. Pages are recycled, never unmapped: a thread-local pointer may still
/// point to one.
Producer* take_producer_page();

/// Gives the page of an ended thread back, once its counts have been harvested. Any thread.
void recycle_producer_page(Producer& page);

}  // namespace metlog
