#pragma once

// A batch, or a slice of one, as bytes: its records with who they are (source, positions, ordinals) and when
// the oldest left its source.

#include <weir/base/byte_budget.hpp>
#include <weir/base/result.hpp>
#include <weir/record/batch.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weir {

/// Appends the records [begin, end) of `b` to `out`. Fails when the type has no codec, or a record cannot be
/// encoded (a container of more than 2^32 - 1 elements, a variant without value): then `out` is as it was.
result<> encode_batch(const batch& b, std::uint32_t begin, std::uint32_t end, std::vector<std::byte>& out);

/// The batch that `bytes` is, all of it; nothing of `bytes` is kept. Records have the ids they had. Fails on
/// any malformed input without reading past it; memory is bounded as codec.hpp says. `clock_shift` is added
/// to the origin, where the writer's monotonic clock is another machine's.
result<batch_ptr> decode_batch(std::span<const std::byte> bytes, const record_type& type,
                               std::shared_ptr<byte_budget> budget = nullptr, duration clock_shift = {});

} // namespace weir
