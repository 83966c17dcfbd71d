#pragma once

// Dead letters in a table of an SQLite file.

#include <weir/node/dead_letter.hpp>

#include <memory>
#include <string>

namespace weir::actors {

/// Appends to the table `dead_letters` (id, node, workflow, cause, kind, attempts, first_seen, last_seen,
/// payload), which is made at the first dead letter; a call is one transaction. A locked database is a
/// transient error. A payload that is not UTF-8 is stored as a blob. Thread-safe.
std::shared_ptr<dead_letter_sink> sqlite_dead_letters(std::string path);

} // namespace weir::actors
