#pragma once

// A single update or filter on a batch that nobody else reads: it changes the batch itself, which then is the
// output. That saves writing, and reading again, all of it.
//
// Invariants: records [0, to) are output, records from `from` on are input as it was. A record that fails is
// put aside as it was before the call (task_scope::failed_input), so that it can be tried again.

#include <weir/operator/chain.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

namespace weir::detail {

template <class T>
class batch_edit {
 public:
  explicit batch_edit(task_scope& scope)
      : scope_(scope), editor_(*scope.input), records_(editor_.template as<T>()), size_(editor_.size()) {
    scope.in_place = true;
  }

  T* records() noexcept { return records_; }
  std::uint32_t size() const noexcept { return size_; }
  void about(std::uint32_t index) noexcept { scope_.set_current(index); }
  /// The record at `index`, as it was, has failed.
  void fail(std::uint32_t index, const T& before, error why) {
    put_aside(index, before);
    scope_.fail(failed_++, std::move(why));
  }
  void fail(std::uint32_t index, const T& before, std::exception_ptr thrown) {
    scope_.threw = true;
    put_aside(index, before);
    scope_.fail(failed_++, std::move(thrown));
  }
  /// Records are about to move; then the position of `from` becomes that of `to`.
  void begin_moving() noexcept { editor_.begin_keeping(); }
  void move(std::uint32_t from, std::uint32_t to) noexcept {
    records_[to] = records_[from]; // without a branch: half of them would be mispredicted
    editor_.keep(from, to);
  }
  /// The first `left` records are the output.
  void end(std::uint32_t left) {
    scope_.filtered = size_ - left - failed_;
    editor_.shrink(left);
    scope_.set_current(no_index);
  }

 private:
  void put_aside(std::uint32_t index, const T& before) {
    const batch& in = *scope_.input;
    if (!scope_.failed_input)
      scope_.failed_input = batch_builder{in.type(),           size_ - index, in.source(),
                                          in.first_position(), in.origin(),   editor_.share_budget()};
    ::new (scope_.failed_input.slot()) T(before);
    scope_.failed_input.commit(in.offset(index), in.ordinal(index));
  }

  task_scope& scope_;
  batch_editor editor_;
  T* records_;
  std::uint32_t size_;
  std::uint32_t failed_ = 0;
};

/// A block is copied before it is changed, in a loop of its own (see block::for_each), where a call can fail.
template <class T, class F>
void edit(task_scope& scope, const update_step<T, F>& step) {
  worker_context context{scope};
  batch_edit<T> batch{scope};
  T* const records = batch.records();
  constexpr bool by_value = is_result<called<F, T&>>::value;
  constexpr bool fails = by_value || !noexcept(step.f(std::declval<T&>(), context));
  T before[fails ? block_records : 1];
  std::vector<std::uint32_t> gaps;
  for (std::uint32_t first = 0; first < batch.size(); first += block_records) {
    const std::uint32_t last = std::min(first + block_records, batch.size());
    if constexpr (fails)
      std::copy(records + first, records + last, before);
    for (std::uint32_t i = first; i < last; ++i) {
      try {
        for (; i < last; ++i) {
          if constexpr (callable<F>::template takes_context<T&>)
            batch.about(i);
          if constexpr (by_value) {
            if (auto done = step.f(records[i], context); !done) [[unlikely]] {
              gaps.push_back(i);
              batch.fail(i, before[i - first], std::move(done).error());
            }
          } else {
            step.f(records[i], context);
          }
        }
      } catch (...) {
        gaps.push_back(i);
        batch.fail(i, before[fails ? i - first : 0], std::current_exception());
      }
    }
  }
  std::uint32_t left = batch.size();
  if (!gaps.empty()) {
    batch.begin_moving();
    left = gaps.front();
    for (std::size_t gap = 0; gap < gaps.size(); ++gap) {
      const std::uint32_t end = gap + 1 < gaps.size() ? gaps[gap + 1] : batch.size();
      for (std::uint32_t i = gaps[gap] + 1; i < end; ++i)
        batch.move(i, left++);
    }
  }
  batch.end(left);
}

template <class T, class F>
void edit(task_scope& scope, const filter_step<T, F>& step) {
  worker_context context{scope};
  batch_edit<T> batch{scope};
  T* const records = batch.records();
  batch.begin_moving();
  std::uint32_t to = 0;
  for (std::uint32_t from = 0; from < batch.size(); ++from) {
    try {
      for (; from < batch.size(); ++from) {
        if constexpr (callable<F>::template takes_context<const T&>)
          batch.about(from);
        const bool kept = static_cast<bool>(step.f(std::as_const(records[from]), context));
        batch.move(from, to);
        to += static_cast<std::uint32_t>(kept);
      }
    } catch (...) {
      batch.fail(from, records[from], std::current_exception());
    }
  }
  batch.end(to);
}

} // namespace weir::detail
