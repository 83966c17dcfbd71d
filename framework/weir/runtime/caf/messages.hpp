#pragma once

// Every message that Weir's actors send each other inside a process. They are never serialised (see DESIGN:
// what crosses a process is one opaque frame type), hence "unsafe".

#include <weir/base/result.hpp>
#include <weir/record/batch.hpp>
#include <weir/runtime/edge.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/runtime/worker_core.hpp>

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>

namespace weir::detail {

struct task_message {
  task what;
};
struct lost_message { ///< high priority: a worker hangs or is dead
  std::uint32_t worker;
  std::uint32_t incarnation;
  failure_kind kind;
  error why;
};
struct answer_message {
  answer what;
};
enum class order : std::uint8_t { start, drain, stop, replay };
struct control_message { ///< high priority
  order what;
};
struct node_done_message {
  std::uint32_t node;
};
struct node_failed_message {
  std::uint32_t node;
  error why;
  run_status status;
};

} // namespace weir::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::task_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::answer_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::lost_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::control_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::node_done_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::detail::node_failed_message)
