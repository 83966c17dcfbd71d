#pragma once

// `review-stream explain`: the n-grams and weights behind a judgement.

#include <CLI/App.hpp>

namespace weir::reviews {

/// Adds the command; when it was given, `exit_code` is what the process should answer (see the README for
/// codes).
void add_explain_command(CLI::App& app, int& exit_code);

} // namespace weir::reviews
