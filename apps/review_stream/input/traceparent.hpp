#pragma once

// The W3C trace context that a row of the input brings with it: its field or column `traceparent`.

#include <actors/lines/text_line.hpp>

#include <string>

namespace weir::reviews {

/// The text in the row's field `traceparent`, as it stands; empty if there is none. Costs a search for the
/// word where there is none. Thread-safe.
std::string traceparent_of(const actors::text_line& row);

} // namespace weir::reviews
