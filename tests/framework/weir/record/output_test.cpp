#include <tests/framework/weir/support/batches.hpp>
#include <tests/framework/weir/support/tracked.hpp>
#include <tests/support/catch.hpp>
#include <weir/base/hash.hpp>
#include <weir/record/output.hpp>

#include <random>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::detail;
using namespace weir_tests;

namespace {

std::vector<std::uint32_t> sizes(const std::vector<batch_ptr>& batches) {
  std::vector<std::uint32_t> all;
  for (const auto& b : batches)
    all.push_back(b->size());
  return all;
}

} // namespace

TEST_CASE("outputs are cut into batches of max_records, in order, with the ids of their inputs") {
  port_output out{record_type_of<int>(), {.max_records = 4}, nullptr};
  out.begin(7, 1000, time_point{duration{5}}, 10);
  for (int i = 0; i < 10; ++i)
    out.emplace<int>(static_cast<std::uint32_t>(i), 0, i);
  CHECK(out.pushed() == 10);
  const auto batches = out.finish();
  CHECK(sizes(batches) == std::vector<std::uint32_t>{4, 4, 2});
  CHECK(values<int>(batches) == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(batches[2]->id(1) == record_id{7, 1009, 0});
  CHECK(batches[2]->origin() == time_point{duration{5}});
}

TEST_CASE("outputs are cut into batches of about max_bytes") {
  port_output out{record_type_of<std::string>(), {.max_bytes = 10'000}, nullptr};
  out.begin(0, 0, {}, 1000);
  for (std::uint32_t i = 0; i < 100; ++i)
    out.emplace<std::string>(i, 0, std::string(1000, 'x'));
  for (const auto& b : out.finish()) {
    CHECK(b->bytes() <= 10'000 + 1100);
    CHECK(b->size() >= 9);
  }
}

TEST_CASE("an output is empty again after finish") {
  port_output out{record_type_of<int>(), {}, nullptr};
  out.begin(0, 0, {}, 1);
  out.emplace<int>(0, 0, 1);
  CHECK(out.finish().size() == 1);
  out.begin(0, 5, {}, 1);
  CHECK(out.pushed() == 0);
  CHECK(out.finish().empty());
}

TEST_CASE("rolling back takes back everything after the mark, across batches, and destroys it") {
  const auto alive = tracked::alive.load();
  port_output out{record_type_of<tracked>(), {.max_records = 3}, nullptr};
  out.begin(0, 0, {}, 2);
  for (int i = 0; i < 5; ++i)
    out.emplace<tracked>(0, mix_ordinal(0, static_cast<std::uint64_t>(i)), i);
  const auto mark = out.mark();
  for (int i = 5; i < 20; ++i)
    out.emplace<tracked>(1, mix_ordinal(1, static_cast<std::uint64_t>(i)), i);
  CHECK(out.pushed() == 20);
  out.roll_back(mark);
  CHECK(out.pushed() == 5);
  CHECK(tracked::alive == alive + 5);
  out.emplace<tracked>(2, mix_ordinal(2, 0), 100);
  const auto batches = out.finish();
  std::vector<int> numbers;
  for (const auto& t : values<tracked>(batches))
    numbers.push_back(t.number);
  CHECK(numbers == std::vector<int>{0, 1, 2, 3, 4, 100});
  CHECK(ids(batches).back() == record_id{0, 2, mix_ordinal(2, 0)});
  CHECK(ids(batches)[4] == record_id{0, 0, mix_ordinal(0, 4)});
}

TEST_CASE("rolling back to the very beginning leaves nothing") {
  port_output out{record_type_of<std::string>(), {.max_records = 2}, nullptr};
  out.begin(0, 0, {}, 1);
  const auto mark = out.mark();
  for (std::uint32_t i = 0; i < 7; ++i)
    out.emplace<std::string>(i, 0, "x");
  out.roll_back(mark);
  CHECK(out.pushed() == 0);
  CHECK(out.finish().empty());
}

TEST_CASE("random marks and roll-backs leave what a plain vector would hold") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::minstd_rand random{seed};
    port_output out{record_type_of<std::string>(), {.max_records = 1 + seed % 5, .max_bytes = 200}, nullptr};
    out.begin(0, 0, {}, 1 + seed % 3);
    std::vector<std::string> model;
    for (int round = 0; round < 60; ++round) {
      const auto mark = out.mark();
      const auto had = model.size();
      for (auto n = random() % 6; n > 0; --n) {
        model.push_back(std::string(random() % 60, static_cast<char>('a' + random() % 26)));
        out.emplace<std::string>(static_cast<std::uint32_t>(round), random() % 2, model.back());
      }
      if (random() % 2 == 0) {
        out.roll_back(mark);
        model.resize(had);
      }
      REQUIRE(out.pushed() == model.size());
    }
    const auto batches = out.finish();
    REQUIRE(values<std::string>(batches) == model);
    for (const auto& b : batches) {
      std::size_t bytes = 0;
      for (std::uint32_t i = 0; i < b->size(); ++i)
        bytes += byte_size(b->as<std::string>()[i]);
      REQUIRE(b->bytes() == bytes);
    }
  }
}

TEST_CASE("a record over max_record_bytes is refused and everything before it stays") {
  port_output out{record_type_of<std::string>(), {.max_record_bytes = 1000}, nullptr};
  out.begin(0, 0, {}, 4);
  out.emplace<std::string>(0, 0, "fits");
  CHECK_THROWS_AS(out.emplace<std::string>(1, 0, std::string(1000, 'x')), output_overflow);
  CHECK_THROWS_WITH(out.emplace<std::string>(1, 0, std::string(1000, 'x')),
                    Catch::Contains("max_record_bytes"));
  out.emplace<std::string>(2, 0, "fits too");
  CHECK(values<std::string>(out.finish()) == std::vector<std::string>{"fits", "fits too"});
}

TEST_CASE("outputs over max_task_output are refused, for records with and without heap memory") {
  const batch_limits limits{.max_bytes = 1000, .max_task_output = 10'000};
  port_output text{record_type_of<std::string>(), limits, nullptr};
  text.begin(0, 0, {}, 4);
  CHECK_THROWS_WITH(
      [&] {
        for (;;)
          text.emplace<std::string>(0, 0, std::string(500, 'x'));
      }(),
      Catch::Contains("max_task_output"));
  CHECK(text.pushed() >= 10);
  CHECK(text.pushed() <= 20);
  port_output plain{record_type_of<std::uint64_t>(), limits, nullptr};
  plain.begin(0, 0, {}, 4);
  CHECK_THROWS_AS(
      [&] {
        for (;;)
          plain.emplace<std::uint64_t>(0, 0, 1U);
      }(),
      output_overflow);
  CHECK(plain.pushed() >= 1250);
  CHECK(plain.pushed() <= 1500);
}

TEST_CASE("max_task_output is about bytes: many small batches are no overflow") {
  // Sequential mode hands out one record a batch; a flat map of 5,000 small children must still pass.
  port_output out{record_type_of<int>(), {.max_records = 1}, nullptr};
  out.begin(0, 0, {}, 1);
  for (std::uint32_t i = 0; i < 5000; ++i)
    out.emplace<int>(0, i + 1, 1);
  CHECK(out.finish().size() == 5000);
}

TEST_CASE("limits beyond 32 bits do not wrap into tiny batches") {
  port_output out{record_type_of<int>(), {.max_bytes = (std::size_t{1} << 34U) - 4}, nullptr};
  out.begin(0, 0, {}, 100);
  for (int i = 0; i < 100; ++i)
    out.emplace<int>(0, 0, i);
  CHECK(out.finish().size() == 1);
}

// ---- source_output
// -------------------------------------------------------------------------------------------------

TEST_CASE("a source's records get running positions and fill whole batches over several polls") {
  source_output<int> out{3, {.max_records = 4}, nullptr};
  out.begin_poll(time_point{duration{10}}, 3);
  CHECK(out.room() == 3);
  for (int i = 0; i < 3; ++i)
    out.push(int{i});
  CHECK(out.room() == 0);
  CHECK(out.pending() == 3);
  CHECK_FALSE(out.full());
  CHECK(out.take(false).empty());
  out.begin_poll(time_point{duration{20}}, 100);
  for (int i = 3; i < 10; ++i)
    out.push(int{i});
  CHECK(out.full());
  const auto full = out.take(false);
  CHECK(sizes(full) == std::vector<std::uint32_t>{4, 4});
  CHECK(full[0]->origin() == time_point{duration{10}});
  CHECK(full[1]->origin() == time_point{duration{20}});
  CHECK(out.pending() == 2);
  CHECK(out.pending_since() == time_point{duration{20}});
  const auto rest = out.take(true);
  CHECK(values<int>(rest) == std::vector<int>{8, 9});
  CHECK(ids(rest) == std::vector<record_id>{{3, 8, 0}, {3, 9, 0}});
  CHECK(out.pending() == 0);
  CHECK(out.take(true).empty());
  CHECK(out.position() == 10);
}

TEST_CASE("a rejected piece of input takes a position of its own and counts against the demand") {
  source_output<std::string> out{0, {}, nullptr};
  out.begin_poll({}, 3);
  out.push("first");
  out.reject("{broken", permanent("not JSON", "line 2"));
  out.push("third");
  CHECK(out.room() == 0);
  const auto rejected = out.take_rejected();
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].position == 1);
  CHECK(rejected[0].payload == "{broken");
  CHECK(rejected[0].why == permanent("not JSON", "line 2"));
  CHECK_FALSE(rejected[0].overflow);
  CHECK(out.take_rejected().empty());
  CHECK(ids(out.take(true)) == std::vector<record_id>{{0, 0, 0}, {0, 2, 0}});
}

TEST_CASE("a source's record over max_record_bytes is rejected as overflow, with itself as payload") {
  source_output<std::string> out{0, {.max_record_bytes = 1000}, nullptr};
  out.begin_poll({}, 10);
  out.push(std::string(2000, 'x'));
  out.push("fits");
  const auto rejected = out.take_rejected();
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].overflow);
  CHECK(rejected[0].payload == std::string(2000, 'x'));
  CHECK(rejected[0].why.kind == error_kind::permanent);
  CHECK(rejected[0].why.message().find("1000") != std::string::npos);
  CHECK(ids(out.take(true)) == std::vector<record_id>{{0, 1, 0}});
}

TEST_CASE("a source's batch is full at max_bytes too") {
  source_output<std::string> out{0, {.max_bytes = 1000}, nullptr};
  out.begin_poll({}, 100);
  for (int i = 0; i < 10; ++i)
    out.push(std::string(400, 'x'));
  CHECK(out.full());
  const auto full = out.take(false);
  CHECK(full.size() >= 3);
  for (const auto& b : full)
    CHECK(b->size() == 3);
}

TEST_CASE("a source that was sought goes on with the positions from there") {
  source_output<int> out{0, {}, nullptr};
  out.seek(500);
  out.begin_poll({}, 2);
  out.push(1);
  out.push(2);
  CHECK(ids(out.take(true)) == std::vector<record_id>{{0, 500, 0}, {0, 501, 0}});
}

// ---- blocks

TEST_CASE("records that go through blocks come out as steps leave them, with their positions") {
  struct every_second final : detail::block_steps {
    std::uint32_t run(void* records, std::uint32_t n, std::uint64_t first, time_point origin,
                      detail::block_end* end) override {
      std::uint32_t places[detail::block_records];
      std::uint32_t left = 0;
      for (std::uint32_t i = 0; i < n; ++i)
        if (static_cast<int*>(records)[i] % 2 == 0)
          places[left++] = i;
      end->put({records, places, places, left, first, origin});
      return left;
    }
  };
  source_output<int> out{4, {.max_records = 100}, nullptr};
  REQUIRE(out.has_blocks());
  out.go_through(std::make_unique<every_second>(), nullptr, nullptr);
  std::vector<record_id> expected_ids;
  int made = 0;
  out.begin_poll({}, 1'000);
  for (; made < 300; ++made) // one by one
    out.push(int{made});
  out.reject("no number", permanent("broken")); // takes position 300
  for (int left = 500; left > 0;) {             // and into the block itself
    const auto room = out.prepare(static_cast<std::size_t>(left));
    REQUIRE(!room.empty());
    for (int& x : room)
      x = made++;
    out.commit(room.size());
    left -= static_cast<int>(room.size());
  }
  out.end_poll();
  CHECK(out.position() == 801);
  const auto counts = out.take_counts();
  CHECK(counts.in == 800);
  CHECK(counts.out == 400);
  CHECK(out.take_rejected().size() == 1);
  const auto batches = out.take(true);
  std::vector<int> values;
  for (const auto& b : batches) {
    CHECK(b->size() <= 100);
    for (std::uint32_t i = 0; i < b->size(); ++i)
      values.push_back(b->as<int>()[i]);
  }
  REQUIRE(values.size() == 400);
  for (int i = 0; i < 400; ++i) {
    REQUIRE(values[static_cast<std::size_t>(i)] == 2 * i);
    expected_ids.push_back({4, static_cast<std::uint64_t>(2 * i < 300 ? 2 * i : 2 * i + 1), 0});
  }
  CHECK(ids(batches) == expected_ids);
}
