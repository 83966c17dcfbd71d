#include <tests/framework/weir/support/batches.hpp>
#include <tests/framework/weir/support/tracked.hpp>
#include <tests/support/catch.hpp>
#include <weir/record/key_lanes.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace weir;
using namespace weir_tests;
using detail::key_lanes;

namespace {

constexpr batch_limits small{.max_records = 64};

struct expected {
  record_id id;
  std::string text;
};

/// What went in and what came out, a lane each.
struct both {
  explicit both(std::uint32_t workers) : in(workers), out(workers) {}
  std::vector<std::vector<expected>> in;
  std::vector<std::vector<expected>> out;
  time_point oldest_in = time_point::max();

  void got(std::uint32_t lane, const batch& b) {
    CHECK(b.origin() >= oldest_in);
    for (std::uint32_t i = 0; i < b.size(); ++i)
      out[lane].push_back({b.id(i), b.as<std::string>()[i]});
  }
  void check_equal() const {
    for (std::size_t lane = 0; lane < in.size(); ++lane) {
      REQUIRE(out[lane].size() == in[lane].size());
      for (std::size_t i = 0; i < in[lane].size(); ++i) {
        REQUIRE(out[lane][i].id == in[lane][i].id);
        REQUIRE(out[lane][i].text == in[lane][i].text);
      }
    }
  }
};

batch_ptr texts(std::uint32_t n, std::uint32_t source, std::uint64_t first, time_point origin) {
  batch_builder builder{record_type_of<std::string>(), n, source, first, origin, nullptr};
  for (std::uint32_t i = 0; i < n; ++i) {
    auto* s = ::new (builder.slot()) std::string("key " + std::to_string((first + i) % 37));
    builder.add_bytes(byte_size(*s));
    builder.commit(2 * i, i % 3 == 0 ? 0 : mix_ordinal(first, i));
  }
  return builder.seal();
}

std::vector<std::uint16_t> groups_of(const batch& b) {
  std::vector<std::uint16_t> groups;
  for (std::uint32_t i = 0; i < b.size(); ++i)
    groups.push_back(key_group_of(b.as<std::string>()[i]));
  return groups;
}

batch_ptr positions(std::uint32_t n, std::uint64_t first) {
  batch_builder builder{record_type_of<std::uint64_t>(), n, 1, first, time_point{duration{1}}, nullptr};
  for (std::uint32_t i = 0; i < n; ++i) {
    ::new (builder.slot()) std::uint64_t(first + i);
    builder.commit(i);
  }
  return builder.seal();
}

} // namespace

TEST_CASE("lanes keep ids, order and the oldest origin, and put each record where its group belongs") {
  for (const std::uint32_t workers : {1U, 2U, 4U, 5U, 8U, 128U}) {
    const auto budget = std::make_shared<byte_budget>(100'000'000);
    {
      key_lanes lanes{workers, small, budget};
      both seen{workers};
      std::vector<key_lanes::part> full;
      std::uint64_t position = 1'000;
      for (int round = 0; round < 20; ++round) {
        // Another source now and then, positions that begin anew, and one that is far away.
        const std::uint32_t source = round / 5 % 2;
        position = round == 7 ? 500 : round == 13 ? 1ULL << 40U : position + 500;
        const auto whole = texts(10 + 17 * (static_cast<std::uint32_t>(round) % 7), source, position,
                                 time_point{duration{100 - round}});
        seen.oldest_in = std::min(seen.oldest_in, whole->origin());
        const auto groups = groups_of(*whole);
        for (std::uint32_t i = 0; i < whole->size(); ++i)
          seen.in[worker_of_group(groups[i], workers)].push_back({whole->id(i), whole->as<std::string>()[i]});
        lanes.add(*whole, groups, full);
        for (const auto& p : full) {
          CHECK(p.batch->size() <= small.max_records);
          seen.got(p.lane, *p.batch);
        }
        full.clear();
      }
      for (std::uint32_t lane = 0; lane < workers; ++lane) {
        CHECK(lanes.waiting(lane) == (seen.out[lane].size() < seen.in[lane].size()));
        if (const auto rest = lanes.take(lane))
          seen.got(lane, *rest);
        CHECK(lanes.take(lane) == nullptr);
      }
      CHECK(lanes.waiting() == 0);
      seen.check_equal();
    }
    CHECK(budget->used() == 0);
  }
}

TEST_CASE("small parts of batches that follow one another fill up one batch, as old as its oldest record") {
  key_lanes lanes{2, batch_limits{}, nullptr};
  std::vector<key_lanes::part> full;
  std::uint64_t position = 0;
  for (int i = 0; i < 8; ++i, position += 300) {
    const auto whole = positions(300, position);
    std::vector<std::uint16_t> groups;
    for (std::uint32_t r = 0; r < 300; ++r)
      groups.push_back(r % 2 == 0 ? 0 : 127);
    lanes.add(*whole, groups, full);
  }
  // 150 each at first; then room for twice as many as came before.
  REQUIRE(full.size() == 6);
  CHECK(full[0].batch->size() == 150);
  CHECK(full[2].batch->size() == 300);
  CHECK(full[4].batch->size() == 600);
  CHECK(full[4].batch->as<std::uint64_t>()[0] == 900);
  CHECK(full[4].batch->id(0) == record_id{1, 900, 0});
  CHECK(full[5].batch->id(599) == record_id{1, 2'099, 0});
  CHECK(lanes.waiting() == 300);
}

TEST_CASE("a lane copies each record once, keeps nothing for a worker without records, and drops those "
          "without a group") {
  auto whole = batch_of<tracked>({1, 2, 3, 4, 5});
  const std::vector<std::uint16_t> groups{0, 127, 0, 127, detail::no_key_group};
  tracked::reset();
  key_lanes lanes{4, batch_limits{}, nullptr};
  std::vector<key_lanes::part> full;
  lanes.add(*whole, groups, full);
  CHECK(tracked::copies == 4);
  CHECK(lanes.waiting() == 0);
  REQUIRE(full.size() == 2);
  CHECK(full[0].lane == 0);
  CHECK(full[0].batch->size() == 2);
  CHECK(full[1].lane == 3);
  CHECK(full[1].batch->as<tracked>()[1].number == 4);
  CHECK(lanes.take(1) == nullptr);
}

TEST_CASE("a lane is full at so many bytes, too") {
  key_lanes lanes{2, batch_limits{.max_bytes = 1'000}, nullptr};
  std::vector<key_lanes::part> full;
  const auto whole = texts(100, 0, 0, time_point{});
  lanes.add(*whole, groups_of(*whole), full);
  REQUIRE(full.size() >= 2);
  for (const auto& p : full)
    CHECK(p.batch->bytes() < 1'200);
}

TEST_CASE("blocks of small records are split as batches are: ids, order, and full lanes as they fill") {
  for (const std::uint32_t workers : {1U, 2U, 3U, 7U, 128U}) {
    key_lanes lanes{workers, small, nullptr};
    std::vector<std::vector<std::uint64_t>> in(workers), out(workers);
    std::vector<key_lanes::part> full;
    const auto got = [&](std::uint32_t lane, const batch& b) {
      CHECK(b.size() <= small.max_records);
      CHECK(b.origin() <= time_point{duration{2'000}});
      for (std::uint32_t i = 0; i < b.size(); ++i) {
        REQUIRE(b.id(i) == record_id{3, b.as<std::uint64_t>()[i], 0});
        out[lane].push_back(b.as<std::uint64_t>()[i]);
      }
    };
    std::uint64_t position = 0;
    for (std::uint32_t round = 0; round < 60; ++round) {
      std::vector<std::uint64_t> values;
      std::vector<std::uint32_t> places, index;
      std::vector<std::uint16_t> groups;
      for (std::uint32_t i = 0; i < detail::block_records; ++i)
        values.push_back(position + i);
      const bool thinned = round % 2 == 1; // a filter has left every third
      for (std::uint32_t i = 0; i < values.size(); i += thinned ? 3 : 1) {
        places.push_back(i);
        groups.push_back(key_group_of(values[i] % 37));
        in[worker_of_group(groups.back(), workers)].push_back(values[i]);
      }
      lanes.add({values.data(), thinned ? places.data() : nullptr, thinned ? places.data() : nullptr,
                 static_cast<std::uint32_t>(groups.size()), position, time_point{duration{1'000 + round}}},
                record_type_of<std::uint64_t>(), 3, groups, full);
      position += round == 30 ? std::uint64_t{UINT32_MAX} : detail::block_records; // far away
      for (const auto& p : full)
        got(p.lane, *p.batch);
      full.clear();
    }
    for (std::uint32_t lane = 0; lane < workers; ++lane)
      if (const auto rest = lanes.take(lane))
        got(lane, *rest);
    CHECK(lanes.waiting() == 0);
    CHECK(out == in);
  }
}
