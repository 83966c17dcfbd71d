#include <tests/framework/weir/cluster/support/workers_world.hpp>
#include <tests/support/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::cluster;
using namespace weir_tests;
using weir::failure_kind;

namespace {

constexpr std::uint32_t twice = 1;
constexpr std::uint32_t tens = 2;

std::vector<int> ints_of(const weir::detail::answer& a) {
  std::vector<int> all;
  for (const auto& b : a.outputs.at(0))
    all.insert(all.end(), b->as<int>(), b->as<int>() + b->size());
  return all;
}

std::size_t count(const std::vector<host_event>& events, host_event::kind what) {
  return static_cast<std::size_t>(std::ranges::count(events, what, &host_event::what));
}

} // namespace

TEST_CASE("a host that joins offers places to the pools, as many as it has capacity or the pool may have") {
  workers_world w{{.hosts = 2, .capacity = 2}};
  CHECK(w.coordinator->places(twice).empty());
  w.pass(1s);
  CHECK(w.coordinator->up() == 2);
  CHECK(w.coordinator->places(twice).size() == 4);
  CHECK(w.coordinator->places(tens).size() == 6); // the pool may have 3
  CHECK(w.coordinator->workers_here(tens) == 3);
  CHECK(w.coordinator->places(0).empty());
  CHECK_FALSE(w.coordinator->spreads(0)); // a source
  CHECK_FALSE(w.coordinator->spreads(3)); // a sink
  CHECK(w.wakes > 0);
}

TEST_CASE("a worker on a host answers as one here would") {
  workers_world w{{}};
  w.pass(1s);
  auto one = w.start(twice, 0, 5);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  one.handle->submit(w.task_of(2, numbers(10, 6), 2, 5)); // 12, 13, 14
  w.work_all();
  REQUIRE(one.of->answers.size() == 2);
  CHECK(one.of->answers[0].kind == weir::detail::task_kind::start);
  const auto& a = one.of->answers[1];
  CHECK(a.task == 2);
  CHECK(a.worker == 5);
  CHECK(a.incarnation == 7);
  CHECK(ints_of(a) == std::vector{24, 28});
  REQUIRE(a.failures.size() == 1);
  CHECK(a.failures[0].index == 3); // 13, as counted in the whole batch
  CHECK(a.failures[0].why.what == "thirteen");
  CHECK(a.next == 5);
  CHECK(a.outputs[0][0]->id(0) == weir::record_id{0, 12, 0});
  CHECK(a.outputs[0][0]->id(1) == weir::record_id{0, 14, 0});
  CHECK(one.of->losses.empty());
  CHECK(w.coordinator->members().at(0).workers == 1);
  one.handle.reset();
  w.carry();
  CHECK(w.hosts[0]->workers().workers == 0);
}

TEST_CASE("tasks and answers travel packed when the coordinator says so, and are the same") {
  std::uint64_t traffic[2] = {};
  for (const bool compress : {false, true}) {
    workers_world w{{.compress = compress}};
    w.pass(1s);
    auto one = w.start(tens, 0);
    one.handle->submit(w.task_of(1, nullptr, 0, 0));
    one.handle->submit(w.task_of(2, numbers(100, 50), 0, 50));
    w.work_all();
    REQUIRE(one.of->answers.size() == 2);
    const auto& made = one.of->answers[1].outputs.at(0).at(0);
    REQUIRE(made->size() == 50);
    for (std::uint32_t i = 0; i < 50; ++i)
      CHECK(made->as<std::string>()[i] == std::string(100 + i, 'x'));
    const auto [sent, received] = w.coordinator->bytes_sent_received();
    traffic[compress ? 1 : 0] = sent + received;
  }
  CHECK(traffic[1] < traffic[0] / 2);
}

TEST_CASE("a connection that breaks costs no answer and doubles none") {
  workers_world w{{}};
  w.pass(1s);
  auto one = w.start(twice, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  one.handle->submit(w.task_of(2, numbers(0, 4), 0, 4));
  w.cut(0); // with what was written
  w.carry();
  w.work_all();
  w.cut(0);
  w.pass(500ms);
  w.work_all();
  CHECK(one.of->answers.size() == 2);
  CHECK(count(w.at_hosts, host_event::kind::resumed) == 2);
  CHECK(count(w.at_hosts, host_event::kind::lost) == 0);
}

TEST_CASE("a host from which nothing is heard is lost with its places, and what it says later is not heard") {
  workers_world w{{}};
  w.pass(1s);
  auto one = w.start(twice, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  one.handle->submit(w.task_of(2, numbers(0, 4), 0, 4));
  w.carry();
  const auto version = w.coordinator->version();
  const auto old = w.incarnation(0);
  w.hold(0, true);
  w.pass(4s);
  CHECK(w.coordinator->places(twice).empty());
  CHECK(w.coordinator->version() != version);
  while (w.work(0)) { // it lives, and works
  }
  w.hold(0, false);
  w.pass(6s);
  CHECK(one.of->answers.empty());
  CHECK(one.of->losses.empty()); // nobody is to blame
  CHECK(count(w.at_hosts, host_event::kind::lost) == 1);
  CHECK(w.hosts[0]->workers().workers == 0);
  CHECK(w.incarnation(0) > old); // a new life, with places again
  CHECK_FALSE(w.coordinator->places(twice).empty());
  one.handle->submit(w.task_of(3, numbers(0, 4), 0, 4)); // of the old life: to nobody
  w.work_all();
  CHECK(one.of->answers.empty());
}

TEST_CASE("a host that leaves finishes what it has first") {
  workers_world w{{.hosts = 2}};
  w.pass(1s);
  auto one = w.start(twice, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  one.handle->submit(w.task_of(2, numbers(0, 4), 0, 4));
  w.carry();
  w.hosts[0]->leave(w.now);
  w.pass(1s);
  const auto offers = w.coordinator->places(twice);
  CHECK(std::ranges::count_if(offers, &weir::detail::remote_places::offer::closing) == 2);
  CHECK_FALSE(w.hosts[0]->ended());
  w.work_all();
  CHECK(one.of->answers.size() == 2);
  const auto at = weir::detail::remote_place{w.incarnation(0), 0};
  w.coordinator->closed(twice, at);
  one.handle.reset();
  w.pass(1s);
  CHECK(w.hosts[0]->ended());
  CHECK(w.coordinator->up() == 1);
  CHECK(w.at_coordinator.back().what == member_event::kind::left);
}

TEST_CASE("a worker that hangs on its host is left behind there, and its record is known here") {
  workers_world w{{}};
  w.flow.node(twice).definition.options.timeout = 1s;
  w.coordinator = std::make_shared<remote_workers>(
      w.flow, placement{}, remote_workers_options{{"test", fingerprint_of(w.flow)}, {}, {}, 43, 0});
  w.pass(1s);
  auto one = w.start(twice, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  w.work_all();
  one.handle->submit(w.task_of(2, numbers(0, 8), 4, 8));
  w.carry();
  REQUIRE(w.hangs(0));
  w.carry();
  REQUIRE(one.of->losses == std::vector{failure_kind::timeout});
  CHECK(one.of->why.what == "the worker did not return within its timeout of 1 s");
  while (w.work(0)) { // its late answer
  }
  w.carry();
  CHECK(one.of->answers.size() == 1);
  CHECK(w.hosts[0]->workers().workers == 0);
}

TEST_CASE("when the run is over its hosts are told so, and have no workers any more") {
  workers_world w{{.hosts = 2}};
  w.pass(1s);
  auto one = w.start(twice, 1);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  w.carry();
  w.coordinator->end("it is done");
  w.pass(1s);
  CHECK(w.hosts[0]->ended());
  CHECK(w.hosts[1]->ended());
  CHECK(w.at_hosts.back().text == "it is done");
  CHECK(w.hosts[1]->workers().workers == 0);
  CHECK(w.coordinator->places(twice).empty());
}

TEST_CASE("a host takes no more tasks than it may hold, and the others wait at the coordinator") {
  workers_world w{{.most_in_hand = 40'000, .limits = {.window_bytes = 1 << 20}}};
  w.pass(1s);
  auto one = w.start(twice, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  for (std::uint64_t t = 2; t < 102; ++t)
    one.handle->submit(w.task_of(t, numbers(100, 1000), 0, 1000)); // 4 KB each, 400 KB in all
  w.carry();
  std::size_t before = 0;
  while (w.work(0) && before < 200)
    ++before; // without taking any more
  CHECK(before >= 2);
  CHECK(before < 15);
  w.work_all();
  CHECK(one.of->answers.size() == 101);
}

TEST_CASE("an answer too large to be sent costs its first record, not the host") {
  workers_world w{{.limits = {.chunk = 1000, .window_bytes = 10'000, .max_message = 10'000}}};
  w.pass(1s);
  auto one = w.start(tens, 0);
  one.handle->submit(w.task_of(1, nullptr, 0, 0));
  one.handle->submit(w.task_of(2, numbers(20'000, 1), 0, 1));
  w.work_all();
  REQUIRE(one.of->losses == std::vector{failure_kind::overflow});
  CHECK(one.of->why.what.find("too large to be sent") != std::string::npos);
  CHECK(w.coordinator->up() == 1);
  auto two = w.start(tens, 0);
  two.handle->submit(w.task_of(1, nullptr, 0, 0));
  two.handle->submit(w.task_of(2, numbers(0, 10'000), 0, 10'000)); // 40 KB: it does not even go
  CHECK(two.of->losses == std::vector{failure_kind::error});
}

TEST_CASE("a node that is placed on a label waits for a host that has it, and so it says") {
  workers_world w{{.hosts = 2,
                   .placement = {.nodes = {{"twice", {place::kind::label, "number", "2"}}}, .per_host = 3},
                   .min_hosts = 2}};
  CHECK(w.coordinator->workers_here(twice) == 0);
  auto lacks = w.coordinator->lacks();
  REQUIRE(lacks.size() == 2);
  CHECK(lacks[0] == weir::waiting_for{"", "it begins when 2 hosts have joined: there are 0"});
  CHECK(lacks[1] == weir::waiting_for{"twice", "it waits for a host with the label number=2"});
  CHECK_FALSE(w.coordinator->enough());
  w.pass(1s);
  CHECK(w.coordinator->enough());
  CHECK(w.coordinator->lacks().empty());
  CHECK(w.coordinator->places(twice).size() == 3);
  CHECK(w.coordinator->places(twice)[0].at.host == w.incarnation(1));
  CHECK(w.coordinator->places(tens).size() == 6);
  w.hosts[1]->leave(w.now);
  w.pass(1s);
  lacks = w.coordinator->lacks();
  REQUIRE(lacks.size() == 1); // that it has begun stays so
  CHECK(lacks[0].node == "twice");
}

TEST_CASE("whatever connections do, each task of a host that is not lost is answered once") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    workers_world w{{.hosts = 3, .limits = {.chunk = 512, .window_frames = 8, .window_bytes = 4096}}};
    w.pass(1s);
    struct in_hand {
      workers_world::started worker;
      std::uint64_t host;
      std::uint64_t tasks = 0;
    };
    std::vector<in_hand> workers;
    for (int step = 0; step < 200; ++step) {
      switch (random() % 8) {
      case 0: {
        const auto host = random() % 3;
        if (const auto life = w.incarnation(host); life != 0 && workers.size() < 12) {
          workers.push_back({w.start(twice, host), life});
          workers.back().worker.handle->submit(w.task_of(++workers.back().tasks, nullptr, 0, 0));
        }
        break;
      }
      case 1:
      case 2:
      case 3:
        if (!workers.empty()) {
          auto& one = workers[random() % workers.size()];
          const auto n = 1 + static_cast<std::uint32_t>(random() % 400);
          one.worker.handle->submit(w.task_of(++one.tasks, numbers(100, n), 0, n));
        }
        break;
      case 4:
        w.cut(random() % 3);
        break;
      case 5:
        w.pass(100ms);
        break;
      case 6:
        w.carry();
        break;
      default:
        w.work(random() % 3);
      }
    }
    for (int n = 0; n < 20; ++n) { // the window is opened with the heartbeats, if not before
      w.pass(500ms);
      w.work_all();
    }
    for (const auto& one : workers) {
      const auto& said = one.worker.of->answers;
      const bool lives = std::ranges::any_of(w.coordinator->members(),
                                             [&](const auto& m) { return m.who.id.incarnation == one.host; });
      CHECK(one.worker.of->losses.empty());
      CHECK(said.size() <= one.tasks);
      if (lives)
        CHECK(said.size() == one.tasks);
      for (std::size_t i = 0; i < said.size(); ++i)
        CHECK(said[i].task == i + 1);
    }
  }
}
