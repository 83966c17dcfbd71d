#pragma once

// Real reviews for tests, where somebody put a copy; a test that wants them is skipped where there is none.

#include <filesystem>

namespace weir::test {

/// The file named by the environment variable WEIR_REVIEWS, else `../shared/data/reviews-dev.jsonl.gz` beside
/// the source tree; empty when there is none, after a warning in the running test.
std::filesystem::path development_reviews();

} // namespace weir::test
