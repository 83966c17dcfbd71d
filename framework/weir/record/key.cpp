#include <weir/record/key.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace weir::detail {

std::vector<batch_ptr> split_by_key(const batch& whole, std::span<const std::uint16_t> groups,
                                    std::uint32_t workers, const std::shared_ptr<byte_budget>& budget) {
  const record_type& type = whole.type();
  assert(type.copyable && groups.size() == whole.size());
  std::vector<std::uint32_t> counts(workers, 0);
  for (const auto group : groups)
    if (group != no_key_group)
      ++counts[worker_of_group(group, workers)];
  std::vector<batch_builder> builders(workers);
  for (std::uint32_t w = 0; w < workers; ++w)
    if (counts[w] > 0)
      builders[w] =
          batch_builder{type, counts[w], whole.source(), whole.first_position(), whole.origin(), budget};
  for (std::uint32_t i = 0; i < whole.size(); ++i) {
    if (groups[i] == no_key_group)
      continue;
    batch_builder& to = builders[worker_of_group(groups[i], workers)];
    if (type.trivial)
      std::memcpy(to.slot(), whole.record(i), type.size);
    else {
      type.copy(to.slot(), whole.record(i));
      to.add_bytes(type.bytes(whole.record(i)));
    }
    to.commit(whole.offset(i), whole.ordinal(i));
  }
  std::vector<batch_ptr> parts(workers);
  for (std::uint32_t w = 0; w < workers; ++w)
    if (builders[w])
      parts[w] = builders[w].seal();
  return parts;
}

} // namespace weir::detail
