#include <tests/framework/weir/resource/worker.hpp>
#include <tests/support/catch.hpp>
#include <weir/resource/model_cache.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace weir;
using weir::test::worker;

namespace {

/// Can be moved, not copied; counts how many are alive.
struct model {
  model(std::string n, int t, std::atomic<int>* count = nullptr) : name(std::move(n)), turn(t), alive(count) {
    if (alive != nullptr)
      ++*alive;
  }
  model(model&& other) noexcept
      : name(std::move(other.name)), turn(other.turn), alive(std::exchange(other.alive, nullptr)) {}
  model& operator=(model&&) = delete;
  ~model() {
    if (alive != nullptr)
      --*alive;
  }
  std::string name;
  int turn;
  std::atomic<int>* alive;
};

using models = model_cache<model>;

void await_waiting(const models& m, std::uint64_t callers) {
  while (m.figures().waited < callers)
    std::this_thread::yield();
}

int turn_of(const result<models::pointer>& r) { return r ? (*r)->turn : -1; }

} // namespace

TEST_CASE("a model is loaded on first use and shared") {
  int loads = 0;
  models m{[&](const std::string& name) { return model{name, ++loads}; }};
  CHECK(m.version("a") == 0);
  CHECK(m.figures().models == 0);
  const auto first = m.get("a");
  const auto second = m.get("a");
  const auto other = m.get("b");
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(other);
  CHECK(*first == *second);
  CHECK((*first)->name == "a");
  CHECK((*other)->name == "b");
  CHECK(loads == 2);
  CHECK(m.version("a") == 1);
  const auto figures = m.figures();
  CHECK(figures.models == 2);
  CHECK(figures.loads == 2);
  CHECK(figures.hits == 1);
  CHECK(figures.failed == 0);
}

TEST_CASE("first users at the same time wait for one load") {
  std::atomic<int> loads{0};
  models* self = nullptr;
  models m{[&](const std::string& name) {
    await_waiting(*self, 3);
    return model{name, ++loads};
  }};
  self = &m;
  std::vector<const model*> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got)
    threads.emplace_back([&] {
      const auto found = m.get("a");
      mine = found ? found->get() : nullptr;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(loads == 1);
  CHECK(got == std::vector<const model*>(4, m.get("a")->get()));
  CHECK(m.figures().waited == 3);
}

TEST_CASE("a failed load reaches all who wait and is tried again by the next") {
  const bool throws = GENERATE(true, false);
  std::atomic<int> loads{0};
  models* self = nullptr;
  models m{[&](const std::string& name) -> result<model> {
    if (++loads > 1)
      return model{name, loads};
    await_waiting(*self, 1);
    if (throws)
      throw std::runtime_error("no such file");
    return transient("no such file");
  }};
  self = &m;
  std::vector<std::optional<error>> seen(2);
  std::vector<std::thread> threads;
  for (auto& mine : seen)
    threads.emplace_back([&] {
      if (const auto found = m.get("a"); !found)
        mine = found.error();
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(seen == std::vector<std::optional<error>>(2, transient("no such file")));
  CHECK(m.version("a") == 0);
  CHECK(m.figures().failed == 1);
  CHECK(turn_of(m.get("a")) == 2);
}

TEST_CASE("a reload serves the old model until the new one is there") {
  std::atomic<int> loads{0}, alive{0};
  std::latch reloading{1}, go_on{1};
  models m{[&](const std::string& name) {
    const int turn = ++loads;
    if (turn == 2) {
      reloading.count_down();
      go_on.wait();
    }
    return model{name, turn, &alive};
  }};
  auto held = m.get("a");
  bool done = false;
  std::thread reloader{[&] { done = m.reload("a").has_value(); }};
  reloading.wait();
  CHECK(turn_of(m.get("a")) == 1); // at once, while the new one is being loaded
  CHECK(m.version("a") == 1);
  go_on.count_down();
  reloader.join();
  CHECK(done);
  CHECK(turn_of(m.get("a")) == 2);
  CHECK(m.version("a") == 2);
  CHECK(turn_of(held) == 1); // who holds the old one keeps it
  CHECK(alive == 2);
  held = transient("let go");
  CHECK(alive == 1);
}

TEST_CASE("a failed reload keeps the old model and answers why") {
  const bool throws = GENERATE(true, false);
  bool fail = false;
  models m{[&](const std::string& name) -> result<model> {
    if (fail && throws)
      throw permanent("cut short", name);
    if (fail)
      return permanent("cut short", name);
    return model{name, 1};
  }};
  const auto before = m.get("a");
  fail = true;
  const auto done = m.reload("a");
  REQUIRE_FALSE(done);
  CHECK(done.error() == permanent("cut short", "a"));
  CHECK(m.version("a") == 1);
  REQUIRE(m.get("a"));
  CHECK(*m.get("a") == *before);
}

TEST_CASE("a reload of what was not loaded loads it") {
  models m{[](const std::string& name) { return model{name, 1}; }};
  CHECK(m.reload("a"));
  CHECK(m.version("a") == 1);
  CHECK(m.figures().loads == 1);
}

TEST_CASE("reloads at the same time each load, one after the other") {
  std::atomic<int> loads{0}, together{0}, most{0};
  models m{[&](const std::string& name) {
    most = std::max(most.load(), ++together);
    std::this_thread::yield();
    --together;
    return model{name, ++loads};
  }};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n)
        m.reload("a").has_value();
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(most == 1);
  CHECK(loads == 100);
  CHECK(m.version("a") == 100);
  CHECK(turn_of(m.get("a")) == 100);
}

TEST_CASE("all that are loaded are reloaded, and those that fail are named") {
  int round = 1;
  models m{[&](const std::string& name) -> result<model> {
    if (round == 2 && name != "good")
      return transient("gone", name + ".bin");
    return model{name, round};
  }};
  CHECK(m.reload_all());
  for (const auto* name : {"good", "bad"})
    CHECK(m.get(name));
  round = 2;
  const auto done = m.reload_all();
  REQUIRE_FALSE(done);
  CHECK(done.error().message() ==
        "1 of 2 models could not be reloaded and stay as they were (bad: gone (bad.bin))");
  CHECK(turn_of(m.get("good")) == 2);
  CHECK(turn_of(m.get("bad")) == 1);
  round = 3;
  CHECK(m.reload_all());
  CHECK(m.version("good") == 3);
  CHECK(m.version("bad") == 2);
}

TEST_CASE("a caller that is asked to stop does not wait for another's load") {
  std::latch loading{1}, go_on{1};
  models m{[&](const std::string& name) {
    loading.count_down();
    go_on.wait();
    return model{name, 1};
  }};
  std::thread first{[&] { m.get("a").has_value(); }};
  loading.wait();
  std::stop_source stop;
  std::optional<error> got, reloaded;
  std::thread second{[&] {
    if (const auto found = m.get("a", stop.get_token()); !found)
      got = found.error();
    if (const auto done = m.reload("a", stop.get_token()); !done)
      reloaded = done.error();
  }};
  await_waiting(m, 1);
  stop.request_stop();
  second.join();
  CHECK(got == transient("stopped while waiting for a value that another caller makes"));
  CHECK(reloaded == got);
  go_on.count_down();
  first.join();
}

TEST_CASE("a load of an abandoned worker is taken over and its late model is not served") {
  std::atomic<int> loads{0};
  std::latch loading{1}, wake_up{1};
  models m{[&](const std::string& name) {
    const int turn = ++loads;
    if (turn == 1) {
      loading.count_down();
      wake_up.wait();
    }
    return model{name, turn};
  }};
  int late = 0, waited = 0;
  worker hung{[&] { late = turn_of(m.get("a")); }};
  loading.wait();
  std::thread waiter{[&] { waited = turn_of(m.get("a")); }};
  await_waiting(m, 1);
  hung.abandon();
  waiter.join(); // while the worker still hangs
  CHECK(waited == 2);
  wake_up.count_down();
  hung.join();
  CHECK(late == 1);
  CHECK(turn_of(m.get("a")) == 2);
  CHECK(m.version("a") == 1);
}

TEST_CASE("a reload of an abandoned worker neither blocks the next nor undoes it") {
  std::atomic<int> loads{0};
  std::latch loading{1}, wake_up{1};
  models m{[&](const std::string& name) {
    const int turn = ++loads;
    if (turn == 2) {
      loading.count_down();
      wake_up.wait();
    }
    return model{name, turn};
  }};
  CHECK(turn_of(m.get("a")) == 1);
  worker hung{[&] { m.reload("a").has_value(); }};
  loading.wait();
  hung.abandon();
  CHECK(turn_of(m.get("a")) == 1);
  CHECK(m.reload("a"));
  CHECK(turn_of(m.get("a")) == 3);
  wake_up.count_down();
  hung.join();
  CHECK(turn_of(m.get("a")) == 3);
  CHECK(m.version("a") == 2);
}

TEST_CASE("a load may outlive the cache") {
  std::latch loading{1}, wake_up{1};
  auto m = std::make_unique<models>([&](const std::string& name) {
    loading.count_down();
    wake_up.wait();
    return model{name, 1};
  });
  int late = 0;
  worker hung{[&, from = m.get()] { late = turn_of(from->get("a")); }};
  loading.wait();
  hung.abandon();
  m.reset();
  wake_up.count_down();
  hung.join();
  CHECK(late == 1);
}

TEST_CASE("a model may use the cache while it is destroyed") {
  struct farewell {
    farewell(std::shared_ptr<std::vector<std::uint64_t>> seen_by, model_cache<farewell>* f)
        : seen(std::move(seen_by)), from(f) {}
    farewell(farewell&&) noexcept = default;
    farewell& operator=(farewell&&) = delete;
    ~farewell() {
      if (seen)
        seen->push_back(from->version("a"));
    }
    std::shared_ptr<std::vector<std::uint64_t>> seen;
    model_cache<farewell>* from;
  };
  const auto seen = std::make_shared<std::vector<std::uint64_t>>();
  model_cache<farewell>* self = nullptr;
  bool first = true; // only that says farewell: the last one ends with the cache
  model_cache<farewell> m{
      [&](const std::string&) { return farewell{std::exchange(first, false) ? seen : nullptr, self}; }};
  self = &m;
  CHECK(m.reload("a"));
  CHECK(m.reload("a"));
  CHECK(*seen == std::vector<std::uint64_t>{2});
}

TEST_CASE("a loader that asks for the model it loads gets an error") {
  models* self = nullptr;
  models m{[&](const std::string& name) -> result<model> {
    if (const auto again = self->get(name); !again)
      return again.error();
    return model{name, 1};
  }};
  self = &m;
  const auto found = m.get("a");
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == error_kind::permanent);
}

TEST_CASE("readers and reloaders at the same time always see a whole model") {
  std::atomic<int> loads{0}, alive{0};
  {
    models m{[&](const std::string& name) { return model{name, ++loads, &alive}; }};
    std::atomic<int> wrong{0};
    std::atomic<bool> end{false};
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t)
      readers.emplace_back([&] {
        int last = 0;
        while (!end) {
          const auto found = m.get("a");
          if (!found || (*found)->name != "a" || (*found)->turn < last)
            ++wrong;
          else
            last = (*found)->turn;
        }
      });
    for (int i = 0; i < 300; ++i)
      wrong += m.reload("a") ? 0 : 1;
    end = true;
    for (auto& reader : readers)
      reader.join();
    CHECK(wrong == 0);
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

namespace {

// [model-cache]
struct word_list {
  std::vector<std::string> words;
};

using word_lists = weir::model_cache<word_list>;

std::shared_ptr<word_lists> make_word_lists() {
  return std::make_shared<word_lists>([](const std::string& path) -> weir::result<word_list> {
    if (path.empty())
      return weir::permanent("a word list needs a path");
    return word_list{{path, "great", "awful"}}; // stands for reading the file
  });
}

/// What a node does with it: asks for each batch, so that a reload reaches it with the next one.
weir::result<std::size_t> count_words(word_lists& lists, const std::string& path, std::stop_token stop) {
  const auto list = lists.get(path, stop);
  if (!list)
    return list.error();
  return (*list)->words.size();
}
// [model-cache]

} // namespace

TEST_CASE("the model cache of the documentation") {
  const auto lists = make_word_lists();
  const auto words = count_words(*lists, "en.words", {});
  REQUIRE(words);
  CHECK(*words == 3);
  CHECK_FALSE(count_words(*lists, "", {}));
}
