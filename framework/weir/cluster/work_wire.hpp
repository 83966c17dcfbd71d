#pragma once

// What coordinator and hosts say to each other about work, as the messages of a session. Number: of a worker,
// given by the coordinator, never used twice in a membership. Pure functions.
//
//     coordinator                       host
//       begin_worker  ------------------->  makes it
//       give_task     ------------------->  queues it
//       <--------------------  worker_said  an answer, in the order of the tasks
//       <--------------------  worker_gone  it hung there and was left behind, or could not be made
//       end_worker    ------------------->  lets go of it
//
// The bodies are those of runtime/task_wire.hpp.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/packing.hpp>
#include <weir/cluster/remote_link.hpp>
#include <weir/node/crash.hpp>

#include <cstdint>
#include <span>
#include <variant>

namespace weir::cluster {

struct begin_worker {
  std::uint64_t number = 0;
  std::uint32_t movable = 0; ///< which node, among movable_nodes()
  duration timeout{0};       ///< these are the coordinator's options of the node
  duration grace{0};
  bool ordered = false;
  bool rebuild_on_throw = false;
  bool pack_answers = false;
  std::span<const std::byte> order = {}; ///< detail::remote_places::worker_order
};
struct give_task {
  std::uint64_t number = 0;
  packed_body task = {};
};
struct end_worker {
  std::uint64_t number = 0;
};
struct worker_said {
  std::uint64_t number = 0;
  packed_body answer = {};
};
struct worker_gone {
  std::uint64_t number = 0;
  failure_kind kind = failure_kind::crash;
  std::uint32_t current = 0; ///< the record it was at, or no_index
  error why = {};
};
using work_message = std::variant<begin_worker, give_task, end_worker, worker_said, worker_gone>;

bytes encode(const work_message& message);
/// Spans refer to `from`. An error when it is not what a host of this build would write.
result<work_message> decode_work(std::span<const std::byte> from);

} // namespace weir::cluster
