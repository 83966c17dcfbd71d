#pragma once

// A node's code with its types erased: what the runtime runs. One virtual call a task, none a record.
// A logic belongs to one worker and is called by one thread at a time. It is made by a factory, for a first
// start and for every restart alike, and never copied.

#include <weir/node/source.hpp>
#include <weir/node/task.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace weir::detail {

class operator_logic {
 public:
  virtual ~operator_logic() = default;
  /// Before the first task. May throw: the node could not start.
  virtual void start(task_scope&) {}
  /// One task: never throws, failures are in the scope.
  virtual void run(task_scope& scope) = 0;
  /// The time it asked for has come; may emit. May throw: it is then called again a little later.
  virtual void timer(task_scope&) {}
  /// After the last task; may emit. May throw.
  virtual void drain(task_scope&) {}
};

class source_logic {
 public:
  virtual ~source_logic() = default;
  virtual void start(waker) {}
  /// Makes the place for its records; called once, before the first poll.
  virtual source_output_base& open(std::uint32_t source, batch_limits limits,
                                   std::shared_ptr<byte_budget> budget) = 0;
  virtual poll_result poll(std::size_t demand) = 0;
  virtual std::optional<source_progress> progress() const { return std::nullopt; }
  virtual void drain() {}
};

using operator_factory = std::function<std::unique_ptr<operator_logic>()>;
using source_factory = std::function<std::unique_ptr<source_logic>()>;

} // namespace weir::detail
