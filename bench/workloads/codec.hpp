#pragma once

// Batches of records written as bytes and read again: weir::codec beside CAF's `inspect`.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> codec_variants(const sizes& of);

} // namespace weir::bench
