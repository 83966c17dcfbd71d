#include <weir/testkit/conservation.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir {

void conservation::sink(std::string name, bool ordered, std::function<bool(id)> wants) {
  const std::lock_guard lock{mutex_};
  sinks_[std::move(name)] = {ordered, std::move(wants), {}, {}};
}

void conservation::issue(id r, std::uint64_t lane) {
  const std::lock_guard lock{mutex_};
  if (!issued_.try_emplace(r, record{lane, lanes_[lane]++}).second)
    throw std::invalid_argument("record " + std::to_string(r) + " is issued twice: ids must be distinct");
}

void conservation::deliver(std::string_view sink, id r) {
  const std::lock_guard lock{mutex_};
  const auto found = sinks_.find(sink);
  if (found == sinks_.end())
    throw std::invalid_argument("no sink '" + std::string{sink} + "' was announced");
  found->second.delivered.push_back(r);
}

void conservation::drop(id r) {
  const std::lock_guard lock{mutex_};
  dropped_.insert(r);
}

void conservation::bury(id r) {
  const std::lock_guard lock{mutex_};
  ++buried_[r];
}

void conservation::bury_shared(id r) {
  const std::lock_guard lock{mutex_};
  shared_.insert(r);
}

void conservation::may_repeat(std::string_view sink, id r) {
  const std::lock_guard lock{mutex_};
  if (const auto found = sinks_.find(sink); found != sinks_.end())
    found->second.may_repeat.insert(r);
}

void conservation::may_miss(std::uint64_t records) {
  const std::lock_guard lock{mutex_};
  may_miss_ += records;
}

conservation::verdict conservation::judge(bool ended) const {
  const std::lock_guard lock{mutex_};
  verdict v;
  v.issued = issued_.size();
  v.stuck = !ended;
  const auto name = [](const std::string& sink, id r) { return sink + ":" + std::to_string(r); };
  for (const auto& [sink, book] : sinks_) {
    std::unordered_map<id, std::uint32_t> times;
    std::unordered_map<std::uint64_t, std::uint64_t> next;
    for (const id r : book.delivered) {
      ++v.delivered;
      const auto found = issued_.find(r);
      if (found == issued_.end() || (book.wants && !book.wants(r))) {
        v.invented.push_back(name(sink, r));
        continue;
      }
      if (const auto n = ++times[r]; n > 1) {
        if (!book.may_repeat.contains(r))
          v.doubled.push_back(name(sink, r));
        continue; // where it stands the second time says nothing
      }
      if (book.ordered && !book.may_repeat.contains(r)) {
        auto& least = next[found->second.lane];
        if (found->second.number < least)
          v.reordered.push_back(name(sink, r));
        least = std::max(least, found->second.number + 1);
      }
    }
    for (const auto& [r, of] : issued_) {
      const bool wanted = !book.wants || book.wants(r);
      const bool has = times.contains(r);
      if (wanted && !has && !buried_.contains(r) && !shared_.contains(r) && !dropped_.contains(r))
        v.lost.push_back(name(sink, r));
      if (has && buried_.contains(r) && !book.may_repeat.contains(r))
        v.doubled.push_back(name(sink, r) + " (also a dead letter)");
    }
  }
  for (const auto& [r, n] : buried_) {
    if (!issued_.contains(r))
      v.invented.push_back("dead letter:" + std::to_string(r));
    if (n > 1)
      v.doubled.push_back("dead letter:" + std::to_string(r));
  }
  if (v.lost.size() <= may_miss_)
    v.lost.clear();
  for (auto* kind : {&v.lost, &v.doubled, &v.reordered, &v.invented})
    std::ranges::sort(*kind);
  return v;
}

std::string conservation::verdict::text() const {
  if (ok())
    return "all accounted for: " + std::to_string(issued) + " issued, " + std::to_string(delivered) +
           " delivered";
  std::string all;
  const auto line = [&all](std::string_view what, const std::vector<std::string>& which) {
    if (which.empty())
      return;
    all += std::string{what} + " " + std::to_string(which.size()) + ":";
    for (std::size_t i = 0; i < which.size() && i < 10; ++i)
      all += " " + which[i];
    all += which.size() > 10 ? " …\n" : "\n";
  };
  if (stuck)
    all += "stuck: the run did not end\n";
  line("lost", lost);
  line("doubled", doubled);
  line("reordered", reordered);
  line("invented", invented);
  return all;
}

} // namespace weir
