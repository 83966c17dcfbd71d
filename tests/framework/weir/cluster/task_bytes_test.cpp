#include <weir/cluster/work_wire.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <tests/framework/weir/cluster/support/workers_world.hpp>
#include <tests/support/catch.hpp>

#include <random>
#include <string>
#include <variant>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::cluster;
using weir::detail::decode_answer;
using weir::detail::decode_order;
using weir::detail::decode_task;
using weir::detail::encode_answer;
using weir::detail::encode_order;
using weir::detail::encode_task;
using namespace weir_tests;

namespace {

const std::vector<const weir::record_type*> ints{&weir::record_type_of<int>()};

weir::detail::answer full_answer() {
  weir::detail::answer a;
  a.task = 9;
  a.next = 3;
  a.filtered = 4;
  a.aggregated = 5;
  a.threw = true;
  a.took = 7ms;
  a.ended = weir::time_point{100s};
  a.timer = weir::time_point{103s};
  a.whole = weir::exhausted("full", "disk", "buy one");
  a.failures.push_back({1, weir::failure_kind::invalid, weir::permanent("bad")});
  a.outputs.push_back({numbers(4, 3), numbers(40, 2)});
  return a;
}

} // namespace

TEST_CASE("an answer is read as it was written, with the slice's place and the reader's clock") {
  const auto bytes = encode_answer(full_answer(), 10);
  REQUIRE(bytes);
  const auto read = decode_answer(*bytes, ints, nullptr, weir::time_point{5000s});
  REQUIRE(read);
  CHECK(read->task == 9);
  CHECK(read->next == 13);
  CHECK(read->filtered == 4);
  CHECK(read->aggregated == 5);
  CHECK(read->threw);
  CHECK_FALSE(read->whole_timed_out);
  CHECK(read->took == 7ms);
  CHECK(read->ended == weir::time_point{5000s});
  CHECK(read->timer == weir::time_point{5003s});
  CHECK(read->whole == weir::exhausted("full", "disk", "buy one"));
  REQUIRE(read->failures.size() == 1);
  CHECK(read->failures[0].index == 11);
  CHECK(read->failures[0].kind == weir::failure_kind::invalid);
  REQUIRE(read->outputs.at(0).size() == 2);
  CHECK(read->outputs[0][1]->as<int>()[1] == 41);
  CHECK(read->outputs[0][1]->id(1) == weir::record_id{0, 41, 0});
}

TEST_CASE("an order carries why the worker before was given up") {
  weir::detail::remote_places::worker_order order{3, 4, 5, {}};
  CHECK_FALSE(decode_order(encode_order(order))->last_crash);
  order.last_crash = weir::crash_report{weir::failure_kind::timeout, weir::transient("hung"),
                                        weir::record_id{1, 2, 3}, weir::time_point{9s}, 6};
  const auto read = decode_order(encode_order(order));
  REQUIRE(read);
  CHECK(read->node == 3);
  CHECK(read->worker == 4);
  CHECK(read->incarnation == 5);
  REQUIRE(read->last_crash);
  CHECK(read->last_crash->kind == weir::failure_kind::timeout);
  CHECK(read->last_crash->why.what == "hung");
  CHECK(read->last_crash->record == weir::record_id{1, 2, 3});
  CHECK(read->last_crash->restarts == 6);
}

TEST_CASE("a task carries its slice and nothing else of the batch") {
  auto t = workers_world::task_of(8, numbers(0, 1000), 500, 510);
  t.attempt = 3;
  const auto bytes = encode_task(t);
  REQUIRE(bytes);
  CHECK(bytes->size() < 200);
  const auto read = decode_task(*bytes, ints[0], nullptr);
  REQUIRE(read);
  CHECK(read->begin == 500);
  CHECK(read->what.id == 8);
  CHECK(read->what.attempt == 3);
  CHECK(read->what.begin == 0);
  CHECK(read->what.end == 10);
  CHECK(read->what.input->as<int>()[9] == 509);
  CHECK(read->what.input->id(0) == weir::record_id{0, 500, 0});
}

TEST_CASE("whatever bytes come are read to an error or a value, and no further") {
  const auto order = encode_order({1, 2, 3, weir::crash_report{}});
  const auto task = *encode_task(workers_world::task_of(8, numbers(0, 20), 5, 15));
  const auto answer = *encode_answer(full_answer(), 0);
  const auto gone =
      encode(worker_gone{7, weir::failure_kind::crash, 2, weir::permanent("what", "where", "fix")});
  std::mt19937 random{1};
  std::size_t good = 0;
  for (int n = 0; n < 20'000; ++n) {
    const auto& from = n % 4 == 0 ? order : n % 4 == 1 ? task : n % 4 == 2 ? answer : gone;
    std::vector<std::byte> some{from.begin(),
                                from.begin() + static_cast<std::ptrdiff_t>(random() % (from.size() + 1))};
    for (auto changes = random() % 4; changes > 0 && !some.empty(); --changes)
      some[random() % some.size()] = static_cast<std::byte>(random());
    some.shrink_to_fit();
    good += decode_order(some) ? 1 : 0;
    good += decode_task(some, ints[0], nullptr) ? 1 : 0;
    good += decode_answer(some, ints, nullptr, {}) ? 1 : 0;
    good += decode_work(some) ? 1 : 0;
  }
  CHECK(good > 0);
  for (std::size_t size = 0; size < answer.size(); ++size) // cut off: never taken for all of it
    CHECK_FALSE(decode_answer({answer.data(), size}, ints, nullptr, {}));
  CHECK_FALSE(decode_answer(answer, {}, nullptr, {})); // another node's
  CHECK_FALSE(decode_task(task, nullptr, nullptr));
}

TEST_CASE("times that no clock shows are no answer, and none of them overflows") {
  using weir::duration;
  using weir::time_point;
  auto a = full_answer();
  a.took = duration{-1};
  CHECK_FALSE(decode_answer(*encode_answer(a, 0), ints, nullptr, time_point{5000s}));

  a = full_answer();
  a.timer = time_point::max(); // never
  const auto never = decode_answer(*encode_answer(a, 0), ints, nullptr, time_point{5000s});
  REQUIRE(never);
  CHECK(never->timer == time_point::max());

  for (const auto ended : {time_point::min(), time_point::max()})
    for (const auto timer : {time_point::min(), time_point::max()}) {
      a.ended = ended;
      a.timer = timer;
      const auto read = decode_answer(*encode_answer(a, 0), ints, nullptr, time_point{5000s});
      REQUIRE(read);
      CHECK(read->ended == time_point{5000s});
      if (timer < ended)
        CHECK(read->timer < time_point{5000s});
      if (timer > ended)
        CHECK(read->timer > time_point{5000s});
    }
}

TEST_CASE("a message about work with something behind its end is none") {
  using weir::cluster::bytes;
  for (bytes message : {encode(end_worker{9}), encode(worker_gone{8, weir::failure_kind::timeout, 4, {}})}) {
    CHECK(decode_work(message));
    message.push_back(std::byte{0});
    CHECK_FALSE(decode_work(message));
  }
}

TEST_CASE("messages about work say what they said") {
  const auto begin = decode_work(encode(begin_worker{7, 2, 5s, 1s, true, false, true, {}}));
  REQUIRE(begin);
  const auto& b = std::get<begin_worker>(*begin);
  CHECK(b.number == 7);
  CHECK(b.movable == 2);
  CHECK(b.timeout == 5s);
  CHECK(b.grace == 1s);
  CHECK(b.ordered);
  CHECK_FALSE(b.rebuild_on_throw);
  CHECK(b.pack_answers);
  const auto gone =
      decode_work(encode(worker_gone{8, weir::failure_kind::timeout, 4, weir::transient("hung")}));
  REQUIRE(gone);
  CHECK(std::get<worker_gone>(*gone).current == 4);
  CHECK(std::get<worker_gone>(*gone).why.what == "hung");
  CHECK(std::get<end_worker>(*decode_work(encode(end_worker{9}))).number == 9);
}
