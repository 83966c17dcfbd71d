#pragma once

// A chain of fused steps as the logic of a node, with what happens at its end: emit to the only port
// (`to_port`), choose between two (`to_branch`), or deliver to a callable (`to_function`).

#include <weir/node/logic.hpp>
#include <weir/operator/chain.hpp>

#include <memory>

namespace weir::detail {

template <class T>
struct to_port {
  static constexpr bool shareable = true;
  static constexpr bool emits = true;
  template <class X>
  bool operator()(cursor& at, X&& x) const {
    at.scope.outputs->front().template emplace<T>(at.scope.input->offset(at.index), at.ordinal,
                                                  std::forward<X>(x));
    return true;
  }
};

/// Port 0 "true" where the predicate holds, port 1 "false" elsewhere.
template <class T, class F>
struct to_branch {
  static constexpr bool shareable = callable<F>::template shareable<const T&>;
  static constexpr bool emits = true;
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
};

template <class Chain, class End>
struct chain_code {
  static constexpr bool shareable = Chain::shareable && End::shareable;
  Chain steps;
  End end;
};

template <class Chain, class End>
class chain_logic final : public operator_logic {
  using code = chain_code<Chain, End>;

 public:
  explicit chain_logic(std::shared_ptr<const code> c) : code_(std::move(c)) {}

  void run(task_scope& scope) override {
    worker_context context{scope};
    const auto* in = scope.records<typename Chain::input>();
    const std::uint64_t before = End::emits ? scope.pushed() : 0;
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
