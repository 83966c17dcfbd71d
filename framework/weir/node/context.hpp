#pragma once

// What user code sees of the runtime. A context is valid during the call it is passed to, on that thread
// only.

#include <weir/base/clock.hpp>
#include <weir/base/hash.hpp>
#include <weir/node/ports.hpp>
#include <weir/node/task.hpp>

#include <stop_token>
#include <string_view>
#include <utility>
#include <variant>

namespace weir {

/// May be taken as second argument by every callable: `score judge(const review&, weir::worker_context&)`.
class worker_context {
 public:
  explicit worker_context(detail::task_scope& scope) : scope_(&scope) {}

  /// Set when this attempt has run out of time: long work should look at it, or pass it on, and return.
  std::stop_token stop() const noexcept { return scope_->stop; }
  bool stop_requested() const noexcept { return scope_->stop.stop_requested(); }
  /// 1 for the first attempt.
  std::uint32_t attempt() const noexcept { return scope_->attempt; }
  /// Which worker of the node this is, from 0.
  std::uint32_t worker() const noexcept { return scope_->worker; }
  /// Why the node object before this one was given up (it hung, or its worker died); null for a first start.
  /// on_start can look at it, to avoid what brought its predecessor down.
  const crash_report* last_crash() const noexcept { return scope_->last_crash; }
  /// The record being processed; stable over retries and replays. Empty in on_start, on_timer and on_drain.
  record_id id() const noexcept {
    return scope_->input != nullptr ? scope_->input->id(current()) : record_id{};
  }
  /// When the oldest record of the current batch left its source.
  time_point origin() const noexcept { return scope_->input != nullptr ? scope_->input->origin() : now(); }
  time_point now() const noexcept { return scope_->time->now(); }
  /// Calls the node's on_timer once, this long from now at the earliest. A worker has one timer: the earliest
  /// asked for wins, and it is gone once it has been called. A timer that is pending when the input ends is
  /// not called: on_drain is.
  void wake_after(duration wait) noexcept {
    const auto when = later(now(), wait);
    if (!scope_->timer || when < *scope_->timer)
      scope_->timer = when;
  }
  /// A resource of the workflow by name; throws when there is none of that name and type.
  template <class T>
  T& resource(std::string_view name) const {
    return scope_->resources->get<T>(name);
  }

 protected:
  std::uint32_t current() const noexcept { return scope_->current(); }
  detail::task_scope* scope_;
};

/// The context of a node that emits `Out` (a record type, or weir::ports<…>, or void for none).
template <class Out>
class context : public worker_context {
 public:
  using worker_context::worker_context;
  /// The records emitted next are children of the `index`-th record of the task. The runtime calls it before
  /// each on_record; an on_batch that emits calls it itself, so that its outputs keep their ids.
  void about(std::size_t index) noexcept {
    parent_ = scope_->begin + static_cast<std::uint32_t>(index);
    child_ = 0;
  }
  /// The records emitted next are results for the key of this hash (see key_hash), not children of one
  /// record.
  void about_key(std::uint64_t hash) noexcept {
    parent_ = detail::no_index;
    key_ = hash;
    child_ = 0;
  }

  /// Emits to the only port.
  void emit(Out record) { put<Out>(0, std::move(record)); }

 protected:
  template <class T>
  void put(std::size_t port, T record) {
    const bool of_record = parent_ != detail::no_index && scope_->input != nullptr;
    const std::uint32_t offset = of_record ? scope_->input->offset(parent_) : 0;
    const std::uint64_t ordinal = of_record ? scope_->input->ordinal(parent_) : key_;
    (*scope_->outputs)[port].template emplace<T>(offset, mix_ordinal(ordinal, child_++), std::move(record));
  }
  std::uint32_t parent_ = detail::no_index; ///< what is emitted is made of this record of the batch
  std::uint64_t key_ = 0;                   ///< or, where there is none, of this key
  std::uint64_t child_ = 0;
};

template <>
class context<void> : public worker_context {
 public:
  using worker_context::worker_context;
  void about(std::size_t) noexcept {}
  void about_key(std::uint64_t) noexcept {}
};

template <class... Ports>
class context<ports<Ports...>> : public context<std::monostate> {
  using traits = detail::output_traits<ports<Ports...>>;

 public:
  using context<std::monostate>::context;
  void emit(std::monostate) = delete;

  /// Emits to the port of that name.
  template <fixed_string Name>
  void emit(typename traits::template record<traits::template index<Name>()> record) {
    this->put(traits::template index<Name>(), std::move(record));
  }
};

} // namespace weir
