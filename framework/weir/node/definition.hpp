#pragma once

// A node of a workflow before it runs: its contract with types erased, its options, and how to make its code.

#include <weir/node/logic.hpp>
#include <weir/node/options.hpp>
#include <weir/node/ports.hpp>
#include <weir/record/key.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace weir {

enum class node_role : std::uint8_t { source, step, sink };

struct node_definition {
  node_role role = node_role::step;
  /// What it takes; null for sources.
  const record_type* input = nullptr;
  std::vector<port_info> outputs;
  node_options options{};
  /// Takes a whole task a call (batch functions, sinks): fails as a whole, and its timeout is of the call.
  bool whole_tasks = false;
  /// Its code changes a batch in place where it is handed one that nobody else reads.
  bool in_place = false;
  /// Keeps state of its own that its input goes into: needs keyed input to have more than one worker.
  bool stateful = false;
  /// Set on nodes behind key_by: records of one key group go to one worker, in order.
  detail::key_group_function keys;
  detail::source_factory make_source;
  detail::operator_factory make_operator;
  /// Unnamed steps behind a node whose own code is not a chain: run in its actor on what it makes, a logic an
  /// output port (empty where there is none). `made` are then the outputs before those steps, `outputs` after
  /// them.
  std::vector<detail::operator_factory> fused;
  std::vector<port_info> made;
  const std::vector<port_info>& made_ports() const noexcept { return made.empty() ? outputs : made; }
  /// Sources: steps fused into it that cannot fail; then `fused` is the same for records that do not go
  /// through blocks, or empty where these steps deliver. A source without outputs delivers, as a sink does.
  std::function<std::unique_ptr<detail::block_steps>()> make_steps;
  /// On nodes behind key_by: `keys` cannot fail.
  bool keys_nothrow = false;

  /// It is where records end: a sink, or a source with a sink fused into it.
  bool delivers() const noexcept {
    return role == node_role::sink || (role == node_role::source && outputs.empty());
  }
};

} // namespace weir
