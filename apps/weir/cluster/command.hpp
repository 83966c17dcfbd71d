#pragma once

// `weir cluster …`: verbs about many hosts. So far `certs`, which makes the certificates of a first cluster.

#include <CLI/App.hpp>

namespace weir::cluster {

/// Adds the verb; `exit_code` is set when it was given.
void add_cluster_command(CLI::App& app, int& exit_code);

} // namespace weir::cluster
