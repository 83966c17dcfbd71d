#pragma once

// A chain of fused steps as the logic of a node, with what happens at its end: emit to the only port
// (`to_port`), choose between two (`to_branch`), or deliver to a callable (`to_function`).

#include <weir/node/logic.hpp>
#include <weir/operator/chain.hpp>
#include <weir/operator/edit.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace weir::detail {

template <class T>
struct to_port {
  static constexpr bool shareable = true;
  static constexpr bool nothrow = true;
  static constexpr bool never_fails = true;
  static constexpr bool emits = true;
  static constexpr bool blocks = buffered<T>;
  template <class X>
  bool operator()(cursor& at, X&& x) const {
    at.scope.outputs->front().template emplace<T>(at.scope.input->offset(at.index), at.ordinal,
                                                  std::forward<X>(x));
    return true;
  }
  /// Puts values where they belong, unless they were made there.
  template <class Values>
  static void put(block& b, Values values, T* slots) {
    if (values.at != slots)
      for (std::uint32_t i = 0; i < b.size; ++i)
        ::new (slots + i) T(values[i]);
    b.scope.outputs->front().commit_block(*b.scope.input, b.index, b.size);
  }
};

/// Port 0 "true" where the predicate holds, port 1 "false" elsewhere.
template <class T, class F>
struct to_branch {
  static constexpr bool shareable = callable<F>::template shareable<const T&>;
  static constexpr bool emits = true;
  static constexpr bool blocks = false;
  static constexpr bool never_fails = false;
  callable<F> f;
  template <class X>
  bool operator()(cursor& at, X&& x) const {
    const std::size_t port = f(std::as_const(x), at.context) ? 0 : 1;
    (*at.scope.outputs)[port].template emplace<T>(at.scope.input->offset(at.index), at.ordinal,
                                                  std::forward<X>(x));
    return true;
  }
};

template <class T, class F>
struct to_function {
  static constexpr bool shareable = callable<F>::template shareable<const T&>;
  static constexpr bool emits = false;
  static constexpr bool blocks = true;
  static constexpr bool nothrow =
      callable<F>::template nothrow<const T&> && !is_result<called<F, const T&>>::value;
  static constexpr bool never_fails =
      callable<F>::template never_throws<const T&> && !is_result<called<F, const T&>>::value;
  callable<F> f;
  template <class X>
  bool operator()(cursor& at, X&& x) const {
    if constexpr (is_result<called<F, const T&>>::value) {
      auto done = f(std::as_const(x), at.context);
      return done ? true : at.fail(std::move(done).error());
    } else {
      f(std::as_const(x), at.context);
      return true;
    }
  }
  template <class Values>
  void deliver(block& b, worker_context& c, Values values) const {
    b.for_each([&](std::uint32_t i, std::uint32_t at) {
      if constexpr (is_result<called<F, const T&>>::value) {
        if (auto done = f.in_block(values[i], c, b, at); !done)
          return b.fail(at, std::move(done).error());
      } else {
        f.in_block(values[i], c, b, at);
      }
      return true;
    });
  }
};

template <class Chain, class End>
struct chain_code {
  static constexpr bool shareable = Chain::shareable && End::shareable;
  Chain steps;
  End end;
};

/// A chain that is one update or filter makes its output of a batch that nobody else reads (edit.hpp).
template <class Chain, class End>
inline constexpr bool edits_input = Chain::blocks && End::blocks && End::emits && Chain::edits;
/// A chain that begins with an update changes such a batch on the way, and copies nothing, where no record
/// can fail: none is tried again.
template <class Chain, class End>
inline constexpr bool spends_input =
    !edits_input<Chain, End> && Chain::never_fails && End::blocks && End::never_fails && Chain::updates;
template <class Chain, class End>
inline constexpr bool changes_input = edits_input<Chain, End> || spends_input<Chain, End>;

template <class Chain, class End>
class chain_logic final : public operator_logic {
  using code = chain_code<Chain, End>;

 public:
  explicit chain_logic(std::shared_ptr<const code> c) : code_(std::move(c)) {}

  void run(task_scope& scope) override {
    const std::uint64_t before = End::emits ? scope.pushed() : 0;
    if constexpr (blocks) {
      if (!scope.stop_at_first_failure && !scope.timed) {
        if constexpr (edits) {
          if (scope.exclusive) {
            edit(scope, code_->steps.first());
            return;
          }
        }
        if constexpr (spends_input<Chain, End>) {
          if (scope.exclusive) {
            scope.spent = true;
            run_blocks(scope, owned_values{batch_editor{*scope.input}.as<typename Chain::input>()});
          } else {
            run_blocks(scope, dense_values{scope.records<typename Chain::input>()});
          }
        } else {
          run_blocks(scope, dense_values{scope.records<typename Chain::input>()});
        }
        if constexpr (End::emits)
          scope.filtered = (scope.next - scope.begin) - scope.failures.size() - (scope.pushed() - before);
        return;
      }
    }
    worker_context context{scope};
    const auto* in = scope.records<typename Chain::input>();
    std::uint64_t none = 0;
    run_records<Chain::expands>(scope, [&](std::uint32_t i) {
      cursor at{scope, context, i, scope.input->ordinal(i)};
      if constexpr (Chain::expands && End::emits) {
        const std::uint64_t had = scope.pushed();
        const bool ok = code_->steps.apply(at, in[i], code_->end);
        none += ok && scope.pushed() == had;
        return ok;
      } else {
        return code_->steps.apply(at, in[i], code_->end);
      }
    });
    if constexpr (End::emits)
      scope.filtered = Chain::expands
                           ? none
                           : (scope.next - scope.begin) - scope.failures.size() - (scope.pushed() - before);
  }

 private:
  using output = typename chain_output<Chain>::type;
  static constexpr bool blocks = Chain::blocks && End::blocks;
  static constexpr bool edits = edits_input<Chain, End>;

  template <class Values>
  void run_blocks(task_scope& scope, Values in) {
    worker_context context{scope};
    for (std::uint32_t i = scope.begin; i < scope.end;) {
      if (scope.stop.stop_requested()) { // nobody waits for the rest
        scope.next = i;
        break;
      }
      std::uint32_t n = std::min(block_records, scope.end - i);
      if constexpr (End::emits) {
        output* slots = nullptr;
        try {
          slots = scope.outputs->front().template block<output>(n);
        } catch (const task_overflow&) { // there is room in a task of its own
          scope.next = i;
          break;
        }
        block b{scope, i, n};
        code_->steps.apply_block(b, context, Values{in.at + i}, slots,
                                 [slots](block& done, auto values) { End::put(done, values, slots); });
      } else {
        block b{scope, i, n};
        code_->steps.apply_block(b, context, Values{in.at + i}, nullptr, [&](block& done, auto values) {
          code_->end.deliver(done, context, values);
        });
      }
      i += n;
    }
    scope.set_current(no_index);
  }

  std::shared_ptr<const code> code_;
};

/// Workers share code that can be called const; otherwise each gets a copy as it was given.
template <class Chain, class End>
operator_factory make_chain_factory(Chain steps, End end) {
  using code = chain_code<Chain, End>;
  auto given = std::make_shared<const code>(code{std::move(steps), std::move(end)});
  if constexpr (code::shareable) {
    return [given] { return std::make_unique<chain_logic<Chain, End>>(given); };
  } else {
    static_assert(std::is_copy_constructible_v<code>,
                  "a callable that changes its own state must be copyable: each worker gets its own");
    return
        [given] { return std::make_unique<chain_logic<Chain, End>>(std::make_shared<const code>(*given)); };
  }
}

} // namespace weir::detail
