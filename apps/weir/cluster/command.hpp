#pragma once

// `weir cluster …`: verbs about many hosts. `certs` makes the certificates of a first cluster, `status` shows
// the hosts of one that runs.

#include <CLI/App.hpp>

namespace weir::cluster {

/// Adds the verb; `exit_code` is set when it was given.
void add_cluster_command(CLI::App& app, int& exit_code);

} // namespace weir::cluster
