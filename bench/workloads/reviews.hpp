#pragma once

// review-stream: rows of gzip JSON Lines to SQLite, judged and answered; and each of its parts alone.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

/// The file that WEIR_REVIEWS names (gzip JSON Lines), else generated reviews.
std::vector<variant> review_variants(const sizes& of);

} // namespace weir::bench
