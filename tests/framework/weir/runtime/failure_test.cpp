#include <tests/framework/weir/runtime/runs.hpp>

#include <map>
#include <stdexcept>

using namespace weir;
using namespace weir_tests;
using namespace std::chrono_literals;

TEST_CASE("a record that fails becomes a dead letter with cause, attempts, payload and id, and the rest goes "
          "through") {
  const no_batch_leaks leaks;
  const auto kept = std::make_shared<dead_letter_memory>();
  workflow w{"failures"};
  w.dead_letters(kept);
  collected<std::string> got;
  w.from("names", from_range(std::vector<std::string>{"ann", "bob", "eve", "zoe"}))
      .map("greet",
           [](const std::string& name) -> std::string {
             if (name == "eve")
               throw std::runtime_error("eavesdropper");
             return "hello " + name;
           },
           {.retry = fixed_backoff{1ms, 3}})
      .to("print", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.sorted() == std::vector<std::string>{"hello ann", "hello bob", "hello zoe"});
  CHECK(r.dead_letters == 1);
  CHECK(r.node("greet").errors == 3);
  CHECK(r.node("greet").retries == 2);
  REQUIRE(r.last_dead_letters.size() == 1);
  REQUIRE(kept->letters().size() == 1);
  for (const auto& letter : std::vector<dead_letter>{r.last_dead_letters[0], kept->letters()[0]}) {
    CHECK(letter.id == "names:2");
    CHECK(letter.node == "greet");
    CHECK(letter.workflow == "failures");
    CHECK(letter.cause == "eavesdropper");
    CHECK(letter.kind == failure_kind::error);
    CHECK(letter.attempts == 3);
    CHECK(letter.payload == "eve");
    CHECK(letter.first_seen <= letter.last_seen);
    CHECK(std::chrono::system_clock::now() - letter.last_seen < 5min);
  }
}

TEST_CASE("a permanent failure by value is not tried again") {
  const no_batch_leaks leaks;
  workflow w{"permanent"};
  std::atomic<int> calls{0};
  w.from("numbers", from_range(count_to(10)))
      .map("work",
           [&calls](const int& x) -> result<int> {
             ++calls;
             if (x == 3)
               return permanent("three", "digit", "avoid it");
             return x;
           },
           {.retry = exponential_backoff{.first = 1ms}})
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  check_books(r, w);
  CHECK(calls == 10);
  REQUIRE(r.dead_letters == 1);
  CHECK(r.last_dead_letters[0].cause == "three (digit): avoid it");
  CHECK(r.last_dead_letters[0].attempts == 1);
}

TEST_CASE("an output record over the limit is a dead letter of kind overflow") {
  const no_batch_leaks leaks;
  workflow w{"overflow"};
  w.settings().limits.max_record_bytes = 1000;
  collected<std::size_t> got;
  w.from("numbers", from_range(std::vector<int>{10, 5000, 20}))
      .map("make", [](const int& n) { return std::string(static_cast<std::size_t>(n), 'x'); })
      .map("measure", [](const std::string& s) { return s.size(); })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  check_books(r, w);
  CHECK(got.records() == std::vector<std::size_t>{10, 20});
  REQUIRE(r.last_dead_letters.size() == 1);
  CHECK(r.last_dead_letters[0].kind == failure_kind::overflow);
  CHECK(r.last_dead_letters[0].payload == "5000");
}

TEST_CASE("records that each stay within max_task_output never overflow it together") {
  const no_batch_leaks leaks;
  workflow w{"much output"};
  w.settings().limits.max_task_output = 100'000;
  collected<std::size_t> got;
  w.from("numbers", from_range(count_to(200)))
      .map("make", [](const int&) { return std::string(5000, 'x'); })
      .flat_map("double", [](const std::string& s) { return std::vector<std::string>{s, s}; })
      .map("measure", [](const std::string& s) { return s.size(); })
      .to("collect", got.sink());
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::completed);
  CHECK(r.dead_letters == 0);
  CHECK(got.size() == 400);
}

TEST_CASE("a failing dead-letter sink stops the run and nothing counts as kept") {
  const no_batch_leaks leaks;
  struct broken final : dead_letter_sink {
    result<> write(std::span<const dead_letter>) override { return exhausted("disk is full", "/dead"); }
  };
  workflow w{"no letters"};
  w.dead_letters(std::make_shared<broken>());
  w.from("numbers", from_range(count_to(10)))
      .map("work", [](const int&) -> int { throw std::runtime_error("bad"); })
      .to("drop", [](const int&) {});
  const auto r = run_to_end(w);
  CHECK(r.status == run_status::drained_uncleanly);
  CHECK(r.exit_code() == 3);
  CHECK(r.dead_letters == 0);
  REQUIRE_FALSE(r.errors.empty());
  CHECK(r.errors[0].what == "disk is full");
  std::uint64_t left = 0;
  for (const auto& u : r.undelivered)
    left += u.records;
  CHECK(left == 10);
}
