// CAF's side of the workload `codec` writes all that Weir's writes, and reads nothing else as it.

#include <bench/baselines/caf_codec.hpp>

#include <tests/support/catch.hpp>
#include <weir/record/codec.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace weir::bench;

namespace {

template <class T>
void check_round_trip(const std::vector<T>& batch) {
  std::vector<char> bytes;
  caf_encode(batch, bytes);
  std::vector<T> read(3); // what was there is replaced
  caf_decode(bytes, read);
  CHECK(read == batch);
  bytes.push_back(0);
  CHECK_THROWS(caf_decode(bytes, read));
  bytes.resize(bytes.size() - 2);
  CHECK_THROWS(caf_decode(bytes, read));

  std::vector<std::byte> ours;
  weir::encoder out{ours};
  weir::encode(out, batch);
  weir::decoder in{ours};
  std::vector<T> same;
  CHECK(weir::decode(in, same));
  CHECK(same == batch);
  CHECK(bytes.size() < ours.size()); // its counts are of variable length
}

} // namespace

TEST_CASE("CAF writes and reads the records of the workload codec") {
  std::vector<record> flats;
  std::vector<rated_text> texts;
  for (std::uint64_t i = 0; i < 300; ++i) {
    flats.push_back(made_record(i));
    texts.push_back(made_text(i));
  }
  check_round_trip(flats);
  check_round_trip(texts);
  CHECK(std::ranges::any_of(texts, [](const auto& t) { return t.rating && !t.topics.empty(); }));
  CHECK(std::ranges::any_of(texts, [](const auto& t) { return !t.rating && t.topics.empty(); }));
}
