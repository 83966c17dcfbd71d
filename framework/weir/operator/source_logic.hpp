#pragma once

// Source classes as the logic of a node, and ready sources over ranges and functions.

#include <weir/node/concepts.hpp>
#include <weir/node/logic.hpp>

#include <memory>
#include <optional>
#include <ranges>

namespace weir {

namespace detail {

template <class S>
class class_source_logic final : public source_logic {
  using record = source_record<S>;

 public:
  explicit class_source_logic(std::unique_ptr<S> source) : source_(std::move(source)) {}

  void start(waker wake) override {
    if constexpr (requires { source_->on_start(std::move(wake)); })
      source_->on_start(std::move(wake));
    else if constexpr (requires { source_->on_start(); })
      source_->on_start();
  }
  source_output_base& open(std::uint32_t source, batch_limits limits,
                           std::shared_ptr<byte_budget> budget) override {
    return out_.emplace(source, limits, std::move(budget));
  }
  poll_result poll(std::size_t demand) override {
    emitter<record> emit{*out_};
    return source_->poll(emit, demand);
  }
  std::optional<source_progress> progress() const override {
    if constexpr (requires { source_->progress(); })
      return source_->progress();
    else
      return std::nullopt;
  }
  void drain() override {
    if constexpr (requires { source_->on_drain(); })
      source_->on_drain();
  }

 private:
  std::unique_ptr<S> source_;
  std::optional<source_output<record>> out_;
};

} // namespace detail

/// A source over a range, which it owns and hands out by copy, once. Progress is in records.
template <std::ranges::forward_range R>
class range_source {
  using record = std::ranges::range_value_t<R>;

 public:
  explicit range_source(R range)
      : range_(std::make_shared<const R>(std::move(range))), next_(std::ranges::begin(*range_)) {}

  poll_result poll(emitter<record>& out, std::size_t demand) {
    for (; demand > 0; --demand, ++next_, ++done_) {
      if (next_ == std::ranges::end(*range_))
        return poll_result::end();
      out(*next_);
    }
    return poll_result::more();
  }
  source_progress progress() const {
    if constexpr (std::ranges::sized_range<const R>)
      return {done_, std::ranges::size(*range_)};
    else
      return {done_, 0};
  }

 private:
  std::shared_ptr<const R> range_;
  std::ranges::iterator_t<const R> next_;
  std::uint64_t done_ = 0;
};

/// The records of `range`, in order.
template <std::ranges::forward_range R>
range_source<R> from_range(R range) {
  return range_source<R>{std::move(range)};
}

/// A source over a function that makes the next record, or nullopt at the end.
template <class F>
class function_source {
  using record = typename std::invoke_result_t<F&>::value_type;

 public:
  explicit function_source(F next) : next_(std::move(next)) {}
  poll_result poll(emitter<record>& out, std::size_t demand) {
    for (; demand > 0; --demand) {
      std::optional<record> made = next_();
      if (!made)
        return poll_result::end();
      out(*std::move(made));
    }
    return poll_result::more();
  }

 private:
  F next_;
};

/// The records that `next()` makes until it answers nullopt.
template <class F>
  requires detail::is_optional<std::invoke_result_t<F&>>::value
function_source<F> generate(F next) {
  return function_source<F>{std::move(next)};
}

} // namespace weir
