#include <weir/record/key.hpp>

#include <cassert>

namespace weir::detail {

std::vector<batch_ptr> split_by_key(const batch& whole, std::span<const std::uint16_t> groups,
                                    std::uint32_t workers, const std::shared_ptr<byte_budget>& budget) {
  const record_type& type = whole.type();
  assert(type.copyable && groups.size() == whole.size());
  std::vector<std::uint32_t> counts(workers, 0);
  for (const auto group : groups)
    if (group != no_key_group)
      ++counts[worker_of_group(group, workers)];
  // Which records go to which worker first, then all of one worker after the other: each part is written in
  // one go.
  std::vector<std::uint32_t> index(whole.size());
  std::vector<std::uint32_t*> end(workers, index.data());
  for (std::uint32_t w = 1; w < workers; ++w)
    end[w] = end[w - 1] + counts[w - 1];
  for (std::uint32_t i = 0; i < whole.size(); ++i)
    if (groups[i] != no_key_group)
      *end[worker_of_group(groups[i], workers)]++ = i;
  std::vector<batch_builder> builders(workers);
  for (std::uint32_t w = 0; w < workers; ++w) {
    if (counts[w] == 0)
      continue;
    batch_builder& to = builders[w] =
        batch_builder{type, counts[w], whole.source(), whole.first_position(), whole.origin(), budget};
    const std::uint32_t* const from = end[w] - counts[w];
    if (type.trivial) {
      type.gather(to.slot(), whole.record(0), from, counts[w]);
      to.commit_from(whole, from, counts[w]);
      continue;
    }
    for (std::uint32_t i = 0; i < counts[w]; ++i) {
      type.copy(to.slot(), whole.record(from[i]));
      to.add_bytes(type.bytes(whole.record(from[i])));
      to.commit(whole.offset(from[i]), whole.ordinal(from[i]));
    }
  }
  std::vector<batch_ptr> parts(workers);
  for (std::uint32_t w = 0; w < workers; ++w)
    if (builders[w])
      parts[w] = builders[w].seal();
  return parts;
}

} // namespace weir::detail
