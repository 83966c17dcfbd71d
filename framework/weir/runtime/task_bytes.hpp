#pragma once

// Orders, tasks and answers of workers as bytes, for a worker that is in another process.
//
// A task carries its slice only: where it arrives, the batch is the slice, and its records count from 0. So
// what an answer says of records is moved by the beginning of its task's slice, which the reader knows. Times
// are the writer's clock. Nothing that is read reaches past its bytes, and memory is bounded as codec.hpp
// says. Pure functions.

#include <weir/base/byte_budget.hpp>
#include <weir/base/result.hpp>
#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/worker_core.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weir::detail {

std::vector<std::byte> encode_order(const remote_places::worker_order& order);
result<remote_places::worker_order> decode_order(std::span<const std::byte> bytes);

/// Fails where a record cannot be encoded.
result<std::vector<std::byte>> encode_task(const task& t);
struct arrived_task {
  task what;               ///< of the slice: from 0 to its size
  std::uint32_t begin = 0; ///< of the slice in its batch
};
/// `input`: the type of the node's records.
result<arrived_task> decode_task(std::span<const std::byte> bytes, const record_type* input,
                                 std::shared_ptr<byte_budget> budget);

/// `begin`: of the task's slice, which is added to every index. Fails where a record cannot be encoded, and
/// for answers of work in place, which no remote worker is asked for.
result<std::vector<std::byte>> encode_answer(const answer& a, std::uint32_t begin);
/// `outputs`: the types of the node's ports. `now`: of the reader's clock, for times that the host has set.
result<answer> decode_answer(std::span<const std::byte> bytes, const std::vector<const record_type*>& outputs,
                             std::shared_ptr<byte_budget> budget, time_point now);

} // namespace weir::detail
