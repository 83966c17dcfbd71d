#pragma once

// `review-stream generate`: made-up reviews as JSON Lines, as many and as fast as asked for.

#include <CLI/App.hpp>

namespace weir::reviews {

/// Adds the command; when it was given, `exit_code` is what the process should answer (see the README for
/// codes).
void add_generate_command(CLI::App& app, int& exit_code);

} // namespace weir::reviews
