#include <weir/record/codec.hpp>

#include <weir/base/hash.hpp>

namespace weir {

std::uint64_t record_codec::fingerprint() const { return hash_bytes(structure()); }

} // namespace weir
