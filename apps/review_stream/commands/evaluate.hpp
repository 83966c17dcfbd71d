#pragma once

// `review-stream evaluate`: how good a sentiment or topic model is on labelled reviews.

#include <CLI/App.hpp>

namespace weir::reviews {

/// Adds the command; when it was given, `exit_code` is what the process should answer (see the README for
/// codes).
void add_evaluate_command(CLI::App& app, int& exit_code);

} // namespace weir::reviews
