#pragma once

// The records of the workload `codec` as bytes by CAF's `inspect` and its binary (de)serializer: a batch is
// one sequence.

#include <bench/workloads/codec_records.hpp>

#include <vector>

namespace weir::bench {

/// Appends.
void caf_encode(const std::vector<record>& batch, std::vector<char>& out);
void caf_encode(const std::vector<rated_text>& batch, std::vector<char>& out);
/// `batch` becomes what `bytes` is. Throws std::runtime_error where they are none, or more.
void caf_decode(const std::vector<char>& bytes, std::vector<record>& batch);
void caf_decode(const std::vector<char>& bytes, std::vector<rated_text>& batch);

} // namespace weir::bench
