#pragma once

// `review-stream host`: a worker host of a cluster.

#include <CLI/App.hpp>

namespace weir::reviews {

void add_host_command(CLI::App& app, int& exit_code);

} // namespace weir::reviews
