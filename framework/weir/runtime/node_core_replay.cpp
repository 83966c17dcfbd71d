// Dead letters that come back to be tried again.

#include <weir/runtime/node_core_stage.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace weir::detail {

void node_core::replay() {
  if (done_ || stopped_ || failed_)
    return; // what waits goes back to the shelf when the node is stopped
  for (shelved_letter& l : run_->replays[index_]->take())
    replay_one(std::move(l));
}

void node_core::replay_one(shelved_letter l) {
  node_figures::add(figures_.replayed, 1);
  const auto now = run_->time->now();
  // Its latency begins anew: how long it lay as a dead letter says nothing about the stream.
  kept_record fresh = keep_record(l.record.batch, l.record.index, index_, l.record.fused_port, now);
  if (!fresh.batch)
    fresh = l.record;
  l.record.batch.reset();
  if (fresh.fused_port) {
    fused_[*fresh.fused_port]->work.offer_again(std::move(fresh.batch), fresh.index, 0, now);
    return;
  }
  std::vector<key_failure> keyless;
  const std::uint32_t lane = lane_of(*fresh.batch, keyless);
  if (keyless.empty()) {
    main_->work.offer_again(std::move(fresh.batch), fresh.index, lane, now);
    return;
  }
  // It failed at the door before, and does again.
  figures_.failed(failure_kind::error, 1);
  figures_.buried(failure_kind::error, 1);
  keyless.front().why.what = "no key: " + keyless.front().why.what;
  run_->note_failure(index_, failure_kind::error, keyless.front().why);
  l.record = std::move(fresh);
  l.letter.cause = keyless.front().why.message();
  l.letter.last_seen = std::chrono::system_clock::now();
  std::vector<shelved_letter> again;
  again.push_back(std::move(l));
  keep(std::move(again), figures_);
}

/// Which worker's: as the sender's edge would have it. Types of records with keys can be copied, so the batch
/// holds that record only.
std::uint32_t node_core::lane_of(const batch& alone, std::vector<key_failure>& keyless) {
  const auto workers = definition_.options.workers.most();
  if (!definition_.keys || workers <= 1 || run_->settings.mode != execution_mode::parallel)
    return 0;
  groups_.resize(alone.size());
  definition_.keys(alone.record(0), nullptr, groups_, keyless);
  return keyless.empty() ? worker_of_group(groups_.front(), workers) : 0;
}

} // namespace weir::detail
