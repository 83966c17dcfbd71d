#pragma once

// A single update or filter on a batch that nobody else reads: it changes the batch itself, which then is the
// output. That saves writing, and reading again, all of it.
//
// Invariants: records [0, to) are output, records from `from` on are input as it was. A record that fails is
// put aside as it was before the call (task_scope::failed_input), so that it can be tried again.

#include <weir/operator/chain.hpp>

#include <cstdint>
#include <exception>
#include <utility>

namespace weir::detail {

template <class T>
class batch_edit {
 public:
  explicit batch_edit(task_scope& scope)
      : scope_(scope), editor_(*scope.input), records_(editor_.template as<T>()), size_(editor_.size()) {
    scope.in_place = true;
  }

  /// Calls `one(from, to)` for each record: true when the record is at `to`.
  /// `before(from)` is a record as it was before a call that failed.
  template <class One, class Before>
  void run(One&& one, Before&& before) {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    while (from < size_) {
      try {
        for (; from < size_; ++from) {
          if (keeping_)
            editor_.keep(from, to);
          to += static_cast<std::uint32_t>(one(from, to));
        }
      } catch (...) {
        scope_.threw = true;
        put_aside(from, before(from));
        scope_.fail(failed_, std::current_exception());
        ++failed_;
        ++from;
      }
    }
    scope_.filtered = size_ - to - failed_;
    editor_.shrink(to);
    scope_.set_current(no_index);
  }
  /// The record at `from`, as it was, has failed by value.
  bool fail(std::uint32_t from, const T& before, error why) {
    put_aside(from, before);
    scope_.fail(failed_, std::move(why));
    ++failed_;
    return false;
  }
  /// Records are about to move.
  void keep() noexcept {
    editor_.begin_keeping();
    keeping_ = true;
  }
  T* records() noexcept { return records_; }
  void about(std::uint32_t from) noexcept { scope_.set_current(from); }

 private:
  void put_aside(std::uint32_t from, const T& before) {
    const batch& in = *scope_.input;
    if (!scope_.failed_input)
      scope_.failed_input = batch_builder{in.type(),           size_ - from, in.source(),
                                          in.first_position(), in.origin(),  editor_.share_budget()};
    ::new (scope_.failed_input.slot()) T(before);
    scope_.failed_input.commit(in.offset(from), in.ordinal(from));
    if (!keeping_)
      keep();
  }

  task_scope& scope_;
  batch_editor editor_;
  T* records_;
  std::uint32_t size_;
  std::uint32_t failed_ = 0;
  bool keeping_ = false;
};

template <class T, class F>
void edit(task_scope& scope, const update_step<T, F>& step) {
  worker_context context{scope};
  batch_edit<T> batch{scope};
  T* const records = batch.records();
  T before;
  batch.run(
      [&](std::uint32_t from, std::uint32_t to) {
        if (to != from) [[unlikely]]
          records[to] = records[from];
        before = records[to];
        if constexpr (callable<F>::template takes_context<T&>)
          batch.about(from);
        if constexpr (is_result<called<F, T&>>::value) {
          if (auto done = step.f(records[to], context); !done)
            return batch.fail(from, before, std::move(done).error());
        } else {
          step.f(records[to], context);
        }
        return true;
      },
      [&](std::uint32_t) -> const T& { return before; });
}

template <class T, class F>
void edit(task_scope& scope, const filter_step<T, F>& step) {
  worker_context context{scope};
  batch_edit<T> batch{scope};
  T* const records = batch.records();
  batch.keep();
  batch.run(
      [&](std::uint32_t from, std::uint32_t to) {
        if constexpr (callable<F>::template takes_context<const T&>)
          batch.about(from);
        const bool kept = static_cast<bool>(step.f(std::as_const(records[from]), context));
        records[to] = records[from]; // without a branch: half of them would be mispredicted
        return kept;
      },
      [&](std::uint32_t from) -> const T& { return records[from]; });
}

} // namespace weir::detail
