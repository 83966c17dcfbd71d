#include <weir/record/key_lanes.hpp>

#include <weir/record/own_lines.hpp>
#include <weir/record/part_in_two.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace weir::detail {

void key_lanes::add(const batch& whole, std::span<const std::uint16_t> groups, std::vector<part>& full) {
  assert(whole.type().copyable && groups.size() == whole.size());
  const auto workers = size();
  const std::uint32_t n = whole.size();
  lane_of_.resize(n);
  indices_.resize(n);
  std::uint16_t* const lane_of = lane_of_.data(); // a vector's own pointer is read anew after each store
  std::uint32_t* const indices = indices_.data();
  for (std::uint32_t i = 0; i < n; ++i) // beyond the last lane: a record without a group
    lane_of[i] = static_cast<std::uint16_t>(worker_of_group(groups[i], workers));
  if (workers <= 4) { // a look at all records a lane, without branches
    for (std::uint32_t lane = 0; lane < workers; ++lane) {
      std::uint32_t found = 0;
      for (std::uint32_t i = 0; i < n; ++i) {
        indices[found] = i;
        found += lane_of[i] == lane ? 1 : 0;
      }
      append(lane, whole, {indices, found}, full);
    }
    return;
  }
  std::vector<std::uint32_t> end(workers + 1, 0);
  for (const std::uint16_t lane : lane_of_)
    if (lane < workers)
      ++end[lane + 1];
  for (std::uint32_t lane = 1; lane <= workers; ++lane)
    end[lane] += end[lane - 1];
  std::vector<std::uint32_t> next(end.begin(), end.end() - 1);
  for (std::uint32_t i = 0; i < n; ++i)
    if (lane_of[i] < workers)
      indices[next[lane_of[i]]++] = i;
  for (std::uint32_t lane = 0; lane < workers; ++lane)
    append(lane, whole, {indices + end[lane], end[lane + 1] - end[lane]}, full);
}

/// The records of `whole` at `index`, which rises, to the end of a lane.
void key_lanes::append(std::uint32_t lane, const batch& whole, std::span<const std::uint32_t> index,
                       std::vector<part>& full) {
  const record_type& type = whole.type();
  batch_builder& open = lanes_[lane].open;
  while (!index.empty()) {
    const auto last = whole.first_position() + whole.offset(index.back());
    if (open &&
        (open.source() != whole.source() || whole.first_position() < open.first_position() ||
         last - open.first_position() > UINT32_MAX || open.full() || open.bytes() >= limits_.max_bytes))
      full.push_back({lane, take(lane)});
    if (!open) {
      const auto wanted = std::max(2 * lanes_[lane].last_size, static_cast<std::uint32_t>(index.size()));
      open = batch_builder{type,           std::min(wanted, capacity_of(type, limits_)),
                           whole.source(), whole.first_position(),
                           whole.origin(), budget_};
    }
    open.not_younger_than(whole.origin());
    const auto shift = static_cast<std::uint32_t>(whole.first_position() - open.first_position());
    std::uint32_t n = std::min(open.room(), static_cast<std::uint32_t>(index.size()));
    if (type.trivial) {
      type.gather(open.slot(), whole.record(0), index.data(), n);
      open.commit_from(whole, index.data(), n, shift);
    } else {
      n = 1;
      type.copy(open.slot(), whole.record(index[0]));
      open.add_bytes(type.bytes(whole.record(index[0])));
      open.commit(whole.offset(index[0]) + shift, whole.ordinal(index[0]));
    }
    waiting_ += n;
    index = index.subspan(n);
  }
  if (open && (open.full() || open.bytes() >= limits_.max_bytes))
    full.push_back({lane, take(lane)});
}

void key_lanes::add(const record_block& block, const record_type& type, std::uint32_t source,
                    std::span<const std::uint16_t> groups, std::vector<part>& full) {
  assert(type.trivial && block.size <= block_records && groups.size() == block.size);
  std::uint8_t lane_of[block_records];
  std::uint32_t chosen[2 * (block_records + part_slack)];
  const auto workers = static_cast<std::uint16_t>(size());
  for (std::uint32_t i = 0; i < block.size; ++i) // worker_of_group in 16 bits: more of them at once
    lane_of[i] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(groups[i] * workers) / key_groups);
  if (workers == 2) { // both in one pass
    std::uint32_t* const second = chosen + block_records + part_slack;
    const std::uint32_t of_first = part_in_two(lane_of, block.size, chosen, second);
    append(0, block, type, source, {chosen, of_first}, full);
    append(1, block, type, source, {second, block.size - of_first}, full);
    return;
  }
  for (std::uint32_t lane = 0; lane < size(); ++lane) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < block.size; ++i) {
      chosen[found] = i;
      found += lane_of[i] == lane ? 1 : 0;
    }
    append(lane, block, type, source, {chosen, found}, full);
  }
}

void key_lanes::append(std::uint32_t lane, const record_block& block, const record_type& type,
                       std::uint32_t source, std::span<const std::uint32_t> chosen, std::vector<part>& full) {
  std::uint32_t listed[block_records];
  const auto through = [&](const std::uint32_t* list) { // null: the identity
    if (list == nullptr)
      return chosen.data();
    for (std::size_t i = 0; i < chosen.size(); ++i)
      listed[i] = list[chosen[i]];
    return static_cast<const std::uint32_t*>(listed);
  };
  batch_builder& open = lanes_[lane].open;
  while (!chosen.empty()) {
    if (open && (open.full() || block.first_position - open.first_position() > UINT32_MAX - block_records))
      full.push_back({lane, take(lane)});
    if (!open) {
      const auto wanted = std::max({2 * lanes_[lane].last_size, static_cast<std::uint32_t>(chosen.size())});
      open = batch_builder{type,         std::min(wanted, capacity_of(type, limits_)),
                           source,       block.first_position,
                           block.origin, budget_};
    }
    const std::uint32_t n = std::min(open.room(), static_cast<std::uint32_t>(chosen.size()));
    type.gather(open.slot(), block.records, through(block.places), n);
    open.commit_places(through(block.index), n,
                       static_cast<std::uint32_t>(block.first_position - open.first_position()));
    own_lines(open.slot(), std::min(open.room(), n) * type.size); // about what the next block brings
    waiting_ += n;
    chosen = chosen.subspan(n);
  }
  if (open && open.full())
    full.push_back({lane, take(lane)});
}

batch_ptr key_lanes::take(std::uint32_t lane) {
  lane_state& l = lanes_[lane];
  if (!l.open)
    return nullptr;
  l.last_size = l.open.size();
  waiting_ -= l.last_size;
  return l.open.seal();
}

} // namespace weir::detail
