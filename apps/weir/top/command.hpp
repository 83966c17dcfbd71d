#pragma once

// `weir top`: a running workflow on the terminal, like top for its nodes.

namespace CLI {
class App;
}

namespace weir::top {

/// Adds the verb; `exit_code` is set when it was given.
void add_top_command(CLI::App& app, int& exit_code);

} // namespace weir::top
