#pragma once

// What SQLite's result codes mean for supervision. Used by the files beside it only.

#include <weir/base/result.hpp>

#include <string>

struct sqlite3;

namespace weir::actors {

/// The error for `code` (an extended result code) of the last call on `database`, which may be null.
error sqlite_failure(sqlite3* database, int code, const std::string& path);

} // namespace weir::actors
