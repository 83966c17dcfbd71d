#include <weir/record/output.hpp>

#include <algorithm>
#include <cstring>

namespace weir::detail {

void throw_record_too_large(std::size_t bytes, std::size_t limit) {
  throw output_overflow("output record of " + std::to_string(bytes) + " bytes is over the limit of " +
                        std::to_string(limit) + " (max_record_bytes)");
}

void throw_task_output_too_large(std::size_t limit) {
  throw task_overflow("the outputs of one task are over the limit of " + std::to_string(limit) +
                      " bytes (max_task_output)");
}

void port_output::reject(std::size_t bytes) const {
  if (bytes > limits_.max_record_bytes)
    throw_record_too_large(bytes, limits_.max_record_bytes);
  throw_task_output_too_large(limits_.max_task_output);
}

void port_output::grow() {
  const std::size_t used = type_->trivial ? pushed_ * type_->size : bytes_;
  if (used > limits_.max_task_output)
    throw_task_output_too_large(limits_.max_task_output);
  if (!builders_.empty()) // more than expected: this is a flat map, go for full batches
    capacity_ = capacity_of(*type_, limits_);
  builders_.emplace_back(*type_, capacity_, source_, first_position_, origin_, budget_);
}

void port_output::roll_back(const position& to) noexcept {
  while (builders_.size() > to.builders) {
    pushed_ -= builders_.back().size();
    builders_.pop_back();
  }
  if (!builders_.empty()) {
    pushed_ -= builders_.back().size() - std::min(to.size, builders_.back().size());
    builders_.back().truncate(to.size);
  }
  bytes_ = to.bytes;
}

std::vector<batch_ptr> port_output::finish() {
  std::vector<batch_ptr> batches;
  batches.reserve(builders_.size());
  for (auto& builder : builders_)
    if (builder.size() > 0)
      batches.push_back(builder.seal());
  builders_.clear();
  return batches;
}

void source_output_base::make_room() {
  if (open_)
    filled_.push_back(open_.seal());
  open_ = batch_builder{*type_, capacity_of(*type_, limits_), source_, position_, now_, budget_};
}

void source_output_base::go_through(std::unique_ptr<block_steps> steps, block_end* end,
                                    const record_type* made) {
  through_blocks_ = true;
  steps_ = std::move(steps);
  end_ = end;
  if (made != nullptr)
    type_ = made;
}

void source_output_base::run_block(std::uint32_t n) {
  held_ = 0; // also when there is no memory for it
  const std::uint64_t first = position_ - n;
  block_end* const end = end_ != nullptr ? end_ : this;
  counts_.in += n;
  if (steps_) {
    counts_.out += steps_->run(block_, n, first, now_, end);
  } else {
    end->put({block_, nullptr, nullptr, n, first, now_});
    counts_.out += n;
  }
}

/// Into the open batch, and further ones.
void source_output_base::put(const record_block& block) {
  const auto* from = static_cast<const std::byte*>(block.records);
  for (std::uint32_t done = 0; done < block.size;) {
    if (!open_ || is_full()) {
      if (open_)
        filled_.push_back(open_.seal());
      open_ = batch_builder{*type_, capacity_of(*type_, limits_), source_, block.first_position, block.origin,
                            budget_};
    }
    const std::uint32_t n = std::min(open_.room(), block.size - done);
    const auto base = static_cast<std::uint32_t>(block.first_position - open_.first_position());
    if (block.places != nullptr)
      type_->gather(open_.slot(), from, block.places + done, n);
    else
      std::memcpy(open_.slot(), from + done * type_->size, n * type_->size);
    if (block.index != nullptr)
      open_.commit_places(block.index + done, n, base);
    else
      open_.commit_run(base + done, n);
    done += n;
  }
}

std::vector<batch_ptr> source_output_base::take(bool flush) {
  if (open_.size() > 0 && (flush || is_full()))
    filled_.push_back(open_.seal());
  return std::exchange(filled_, {});
}

} // namespace weir::detail
