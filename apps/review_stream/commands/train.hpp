#pragma once

// `review-stream train`: labelled reviews in, a sentiment or topic model out.

#include <CLI/App.hpp>

namespace weir::reviews {

/// Adds the command; when it was given, `exit_code` is what the process should answer (see the README for
/// codes).
void add_train_command(CLI::App& app, int& exit_code);

} // namespace weir::reviews
