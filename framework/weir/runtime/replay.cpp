#include <weir/runtime/replay.hpp>

#include <weir/base/result.hpp>

#include <algorithm>
#include <exception>
#include <set>

namespace weir::detail {

kept_record keep_record(const batch_ptr& batch, std::uint32_t index, std::uint32_t node,
                        std::optional<std::uint32_t> fused_port, time_point origin) {
  kept_record kept{.batch = batch, .index = index, .node = node, .fused_port = fused_port};
  const record_type& type = batch->type();
  if (!type.copyable)
    return kept;
  try {
    const record_id id = batch->id(index);
    // Not charged to the budget: what nobody may ever ask for must not hold back the sources.
    batch_builder alone{type, 1, id.source, id.position, origin, nullptr};
    type.copy(alone.slot(), batch->record(index));
    alone.commit(0, batch->ordinal(index));
    alone.add_bytes(type.bytes(batch->record(index)));
    kept.batch = alone.seal();
    kept.index = 0;
  } catch (...) { // the author's copy constructor, or memory
    kept.batch.reset();
    kept.why_not = "its record could not be copied: " + error_from(std::current_exception()).what;
  }
  return kept;
}

bool replay_queue::push(shelved_letter& l) {
  const std::lock_guard lock{mutex_};
  if (closed_)
    return false;
  waiting_.push_back(std::move(l));
  any_.store(true, std::memory_order_relaxed);
  return true;
}

std::vector<shelved_letter> replay_queue::take() {
  if (!any_.load(std::memory_order_relaxed))
    return {};
  const std::lock_guard lock{mutex_};
  any_.store(false, std::memory_order_relaxed);
  return std::exchange(waiting_, {});
}

bool replay_queue::close_if_empty() {
  const std::lock_guard lock{mutex_};
  closed_ |= waiting_.empty();
  return closed_;
}

std::vector<shelved_letter> replay_queue::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  return std::exchange(waiting_, {});
}

void letter_shelf::put(std::vector<shelved_letter> letters) {
  const std::lock_guard lock{mutex_};
  for (auto& l : letters) {
    if (!over_.empty())
      l.record.batch.reset();
    bytes_ += l.record.bytes();
    kept_.push_back(std::move(l));
  }
  trim();
}

void letter_shelf::trim() {
  while (kept_.size() > most_letters) {
    bytes_ -= kept_.front().record.bytes();
    kept_.pop_front();
    without_record_ -= std::min<std::size_t>(without_record_, 1);
  }
  for (; bytes_ > record_bytes_ && without_record_ < kept_.size(); ++without_record_) {
    kept_record& oldest = kept_[without_record_].record;
    if (!oldest.batch)
      continue;
    bytes_ -= oldest.bytes();
    oldest.batch.reset();
    oldest.why_not = "its record is no longer kept: newer dead letters took its room";
  }
}

std::vector<dead_letter> letter_shelf::letters() const {
  const std::lock_guard lock{mutex_};
  std::vector<dead_letter> all;
  all.reserve(kept_.size());
  for (const auto& l : kept_)
    all.push_back(l.letter);
  return all;
}

replay_result letter_shelf::replay(std::span<const std::string> ids, std::string_view node,
                                   std::span<const std::unique_ptr<replay_queue>> queues) {
  const std::set<std::string_view> wanted{ids.begin(), ids.end()};
  std::set<std::string> found;
  replay_result said;
  const std::lock_guard lock{mutex_};
  std::deque<shelved_letter> left;
  for (auto& l : kept_) {
    const bool asked =
        (wanted.empty() || wanted.contains(l.letter.id)) && (node.empty() || l.letter.node == node);
    if (!asked) {
      left.push_back(std::move(l));
      continue;
    }
    const std::string id = l.letter.id;
    const std::size_t bytes = l.record.bytes();
    found.insert(id);
    const std::string why = !over_.empty() ? over_ : l.record.batch ? std::string{} : l.record.why_not;
    if (why.empty() && queues[l.record.node]->push(l)) {
      bytes_ -= bytes;
      said.replayed.push_back(id);
      continue;
    }
    said.refused.push_back(
        {id, l.letter.node, why.empty() ? "its node has had all its input and takes no more" : why});
    left.push_back(std::move(l));
  }
  kept_ = std::move(left);
  without_record_ = 0;
  std::string gone =
      "no such dead letter is kept: it was replayed, or "; // GCC 12 warns of a sum in the braces below
  gone += std::to_string(most_letters);
  gone += " came after it";
  for (const auto id : wanted)
    if (!found.contains(std::string{id}))
      said.refused.push_back({std::string{id}, {}, gone});
  return said;
}

void letter_shelf::drop_records(std::string_view why) {
  const std::lock_guard lock{mutex_};
  over_ = why;
  bytes_ = 0;
  for (auto& l : kept_)
    l.record.batch.reset();
}

} // namespace weir::detail
