#include <apps/review_stream/deduplicate/first_of_id.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <xxhash.h>

#include <utility>

namespace weir::reviews {

namespace {

struct id_hash {
  std::uint64_t low;
  std::uint64_t high;
  friend bool operator==(const id_hash&, const id_hash&) = default;
};
/// It is a hash already.
struct low_half {
  using is_avalanching = void;
  std::size_t operator()(const id_hash& h) const noexcept { return h.low; }
};

} // namespace

/// A full generation becomes the old one, and the old one is forgotten.
struct recent_ids::generations {
  std::size_t capacity;
  boost::unordered_flat_map<id_hash, record_id, low_half> young, old;
};

recent_ids::recent_ids(std::size_t remembered)
    : known_(std::make_unique<generations>(generations{remembered / 2 + 1, {}, {}})) {}
recent_ids::~recent_ids() = default;
recent_ids::recent_ids(recent_ids&&) noexcept = default;
recent_ids& recent_ids::operator=(recent_ids&&) noexcept = default;

bool recent_ids::is_first(std::string_view id, const record_id& by) {
  const XXH128_hash_t hash = XXH3_128bits(id.data(), id.size());
  const id_hash key{hash.low64, hash.high64};
  generations& known = *known_;
  if (const auto at = known.old.find(key); at != known.old.end())
    return at->second == by;
  if (known.young.size() >= known.capacity && !known.young.contains(key)) {
    std::swap(known.young, known.old);
    known.young.clear();
  }
  return known.young.try_emplace(key, by).first->second == by;
}

} // namespace weir::reviews
