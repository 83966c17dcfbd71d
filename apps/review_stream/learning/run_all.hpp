#pragma once

// Independent pieces of work, a few at a time.

#include <functional>
#include <span>

namespace weir::reviews {

/// Runs each job once, on at most `threads` threads (the caller's is one of them); returns when all are done.
/// Jobs must not throw.
void run_all(std::span<const std::function<void()>> jobs, unsigned threads);

} // namespace weir::reviews
