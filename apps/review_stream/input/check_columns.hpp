#pragma once

// Before a run: do the tables have the columns that reviews need?

#include <apps/review_stream/input/field_map.hpp>
#include <weir/base/result.hpp>

#include <string>
#include <vector>

namespace weir::reviews {

/// Looks at the header of each CSV or TSV file among `inputs` (files, and directories as they are now); the
/// error names the first file that lacks a column, the columns it has, and the flag that mends it. Pipes,
/// files that are not there, and lines of JSON are not looked at.
result<> check_columns(const std::vector<std::string>& inputs, const field_map& fields);

} // namespace weir::reviews
