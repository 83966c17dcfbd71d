// What becomes of records that could not be processed.

#include <weir/runtime/node_core.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace weir::detail {

namespace {
using namespace std::chrono_literals;

std::chrono::system_clock::time_point wall(const clock& c, time_point at) {
  return std::chrono::system_clock::now() -
         std::chrono::duration_cast<std::chrono::system_clock::duration>(c.now() - at);
}
} // namespace

/// What has no key reaches no worker: it fails at the door of the node that wanted the key.
void node_core::bury_keyless(edge& e, const batch_ptr& batch, std::vector<key_failure>& keyless,
                             std::uint64_t first) {
  if (keyless.empty())
    return;
  auto& share = keyless_.try_emplace(e.index, run_->settings.max_dead_letters).first->second;
  bool too_many = false;
  for (const auto& f : keyless)
    too_many |= share.over(first + f.index);
  const std::string cause = keyless.back().why.what;
  std::vector<shelved_letter> letters;
  for (auto& f : keyless) {
    f.why.what = "no key: " + f.why.what;
    letters.push_back({letter_of({batch, f.index, {f.index, failure_kind::error, f.why}, 1, batch->origin()}),
                       keep_record(batch, f.index, e.to, std::nullopt, batch->origin())});
    letters.back().letter.node = run_->nodes[e.to].id;
  }
  node_figures& there = *run_->figures[e.to];
  node_figures::add(there.received, letters.size());
  there.failed(failure_kind::error, letters.size());
  there.buried(failure_kind::error, letters.size());
  run_->note_failure(e.to, failure_kind::error, keyless.back().why);
  e.settled.fetch_add(letters.size(), std::memory_order_relaxed);
  keep(std::move(letters), there);
  if (too_many && !failed_)
    fail(too_many_dead_letters(cause, e.to), run_status::failed);
}

dead_letter node_core::letter_of(const failed_record& f) const {
  dead_letter l;
  const auto id = f.batch->id(f.index);
  l.id = to_string(id, run_->nodes[id.source].id);
  l.node = run_->nodes[index_].id;
  l.workflow = run_->name;
  l.cause = f.why.why.message();
  l.kind = f.why.kind;
  l.attempts = f.attempts;
  l.first_seen = wall(*run_->time, f.first_seen);
  l.last_seen = std::chrono::system_clock::now();
  try {
    l.payload = f.batch->type().payload(f.batch->record(f.index));
  } catch (...) { // the author's own printing
    l.payload = "(not printable: " + error_from(std::current_exception()).what + ")";
  }
  return l;
}

void node_core::bury(std::vector<failed_record>& dead, std::optional<std::uint32_t> fused_port) {
  std::vector<shelved_letter> letters;
  letters.reserve(dead.size());
  for (const auto& f : dead)
    letters.push_back({letter_of(f), keep_record(f.batch, f.index, index_, fused_port, f.batch->origin())});
  keep(std::move(letters), figures_);
}

void node_core::bury_rejected() {
  auto rejected = emitted_->take_rejected();
  if (rejected.empty())
    return;
  std::vector<shelved_letter> letters;
  bool too_many = false;
  const std::string cause = rejected.back().why.what;
  for (auto& r : rejected) {
    too_many |= rejected_->over(r.position);
    dead_letter l;
    l.id = to_string(record_id{index_, r.position, 0}, run_->nodes[index_].id);
    l.node = run_->nodes[index_].id;
    l.workflow = run_->name;
    l.cause = r.why.message();
    l.kind = r.overflow ? failure_kind::overflow : failure_kind::invalid;
    figures_.buried(l.kind, 1);
    run_->note_failure(index_, l.kind, r.why);
    l.first_seen = l.last_seen = std::chrono::system_clock::now();
    l.payload = std::move(r.payload);
    letters.push_back({std::move(l),
                       {.batch = nullptr,
                        .node = index_,
                        .fused_port = {},
                        .why_not = "its source rejected this input, so there is no record: mend the input "
                                   "and send it again"}});
  }
  keep(std::move(letters), figures_);
  if (too_many && !failed_)
    fail(too_many_dead_letters(cause, index_), run_status::failed);
}

error node_core::too_many_dead_letters(const std::string& cause, std::uint32_t node) const {
  return permanent("more than " + std::to_string(std::lround(100 * run_->settings.max_dead_letters.share)) +
                       " % of " + std::to_string(run_->settings.max_dead_letters.window) +
                       " records became dead letters, the last one of: " + cause,
                   "node '" + run_->nodes[node].id + "'",
                   "mend the input, or raise the limit (max_dead_letters)");
}

void node_core::keep(std::vector<shelved_letter> letters, node_figures& of) {
  tell_of_dead_letters(letters);
  letters_.push_back({&of, std::move(letters)});
  keep_waiting_letters();
}

/// One event a second at most: those between are counted in it.
void node_core::tell_of_dead_letters(const std::vector<shelved_letter>& letters) {
  dead_letters_untold_ += letters.size();
  const auto now = run_->time->now();
  if (letters.empty() || (dead_letters_told_ != time_point{} && now - dead_letters_told_ < 1s))
    return;
  dead_letters_told_ = now;
  const auto untold = std::exchange(dead_letters_untold_, 0);
  run_->events.add(
      {.kind = event_kind::dead_letter,
       .node = letters.back().letter.node,
       .cause = letters.back().letter.cause +
                (untold > 1 ? " (and " + std::to_string(untold - 1) + " more)" : std::string{})});
}

/// False while the dead-letter sink is away: the node then does nothing else.
bool node_core::keep_waiting_letters() {
  if (letters_.empty())
    return true;
  const auto now = run_->time->now();
  if (now < letters_at_) {
    host_.wake_at(letters_at_);
    return false;
  }
  while (!letters_.empty()) {
    auto& [of, letters] = letters_.front();
    const result<> kept = run_->bury(letters);
    if (kept) {
      letters_.pop_front();
      if (std::exchange(letter_failures_, 0) > 0)
        figures_.outage.store(in_outage() ? 1 : 0, std::memory_order_relaxed);
      continue;
    }
    error why = kept.error();
    if (why.kind == error_kind::transient) {
      const retry_policy backoff{exponential_backoff{.first = 100ms, .max = 10s, .max_attempts = 0}};
      letters_at_ = later(now, std::max<duration>(1ms, backoff.wait(++letter_failures_, 0.5)));
      if (figures_.outage.exchange(1, std::memory_order_relaxed) == 0)
        node_figures::add(figures_.outages, 1);
      run_->note_cause(index_, why);
      run_->note_failure(index_, failure_kind::error, why);
      host_.wake_at(letters_at_);
      return false;
    }
    // Neither delivered nor kept: it must not count as a dead letter.
    of->dead_letters.fetch_sub(letters.size(), std::memory_order_relaxed);
    node_figures::add(of->undelivered, letters.size());
    letters_.pop_front();
    fail(std::move(why), run_status::drained_uncleanly);
    return false;
  }
  return true;
}

} // namespace weir::detail
