#pragma once

// `weir top`: a running workflow on the terminal, like top for its nodes.

#include <CLI/App.hpp>

namespace weir::top {

/// Adds the verb; `exit_code` is set when it was given.
void add_top_command(CLI::App& app, int& exit_code);

} // namespace weir::top
