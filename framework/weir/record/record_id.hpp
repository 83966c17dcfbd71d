#pragma once

// Who a record is, over every replay.

#include <cstdint>
#include <string>

namespace weir {

/// (source, position, ordinal). `source` is the index of the node that made the record (a source, or an
/// aggregating node), `position` its running number there, `ordinal` tells the children of a flat map apart
/// (0 when the record never went through one). The same input gives the same ids again after a restart, so a
/// sink can drop what it has seen.
struct record_id {
  std::uint32_t source = 0;
  std::uint64_t position = 0;
  std::uint64_t ordinal = 0;
  friend auto operator<=>(const record_id&, const record_id&) = default;
};

/// "NAME:POSITION" or "NAME:POSITION.ORDINAL" (the ordinal in hexadecimal).
std::string to_string(const record_id& id, const std::string& source_name);

} // namespace weir
