#pragma once

// Dead letters in a table of an SQLite file.

#include <weir/node/dead_letter.hpp>

#include <memory>
#include <string>

namespace weir::actors {

/// The statement that makes the table, for a program that wants it there before the first dead letter.
std::string dead_letter_schema();

/// Appends to the table `dead_letters` (id, node, workflow, cause, kind, attempts, first_seen, last_seen,
/// payload), which is made at the first dead letter if it is not there; a call is one transaction. A locked
/// database is a transient error. A payload that is not UTF-8 is stored as a blob. Thread-safe.
std::shared_ptr<dead_letter_sink> sqlite_dead_letters(std::string path);

} // namespace weir::actors
