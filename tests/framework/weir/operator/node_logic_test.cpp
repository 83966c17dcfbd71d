#include <tests/framework/weir/support/tasks.hpp>
#include <tests/support/catch.hpp>
#include <weir/workflow/define.hpp>
#include <weir/workflow/stream.hpp>

#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

using namespace weir;
using namespace weir_tests;

namespace {

using outputs = ports<port<"even", int>, port<"text", std::string>>;

struct sorter {
  void on_record(const int& x, context<outputs>& out) {
    if (x % 2 == 0)
      out.emit<"even">(x);
    if (x == 7)
      throw std::runtime_error("seven");
    out.emit<"text">(std::to_string(x));
    if (x == 3) {
      out.emit<"text">("3 again");
    }
  }
};

template <class N>
node_definition define(N node) {
  return detail::define_class(detail::make_node_factory(std::move(node)), {});
}

} // namespace

TEST_CASE(
    "a node class emits to named ports, and what it emitted for a record that then failed is taken back") {
  struct late {
    void on_record(const int& x, context<outputs>& out) {
      out.emit<"even">(x);
      out.emit<"text">("t");
      if (x == 1)
        throw std::runtime_error("late");
    }
  };
  const auto d = define(sorter{});
  one_worker w{d};
  auto& scope = w.run(numbers(10));
  CHECK(scope.failures.size() == 1);
  CHECK(w.made<int>(0) == std::vector<int>{0, 2, 4, 6, 8});
  CHECK(w.made<std::string>(1) ==
        std::vector<std::string>{"0", "1", "2", "3", "3 again", "4", "5", "6", "8", "9"});
  const auto l = define(late{});
  one_worker v{l};
  v.run(numbers(3));
  CHECK(v.made<int>(0) == std::vector<int>{0, 2});
  CHECK(v.made<std::string>(1).size() == 2);
}

TEST_CASE("records emitted for one record have distinct ids of its position") {
  const auto d = define(sorter{});
  one_worker w{d};
  w.run(batch_of<int>({0, 1, 2, 3, 4}, 2, 100));
  auto all = w.made_ids(0);
  const auto text = w.made_ids(1);
  all.insert(all.end(), text.begin(), text.end());
  CHECK(std::set<record_id>(all.begin(), all.end()).size() == all.size());
  CHECK(text[3].position == 103);
  CHECK(text[4].position == 103);
}

TEST_CASE("on_batch sees the whole task, and keeps ids by saying which record it is about") {
  struct adder {
    void on_batch(const records<int>& in, context<int>& out) {
      for (std::size_t i = in.size(); i-- > 0;) {
        out.about(i);
        out.emit(in[i]);
      }
    }
  };
  const auto d = define(adder{});
  CHECK(d.whole_tasks);
  one_worker w{d};
  w.run(numbers(6, 0, 10), 2, 5, [](auto&) {});
  CHECK(w.made<int>() == std::vector<int>{14, 13, 12});
  CHECK(w.made_ids()[0].position == 14);
  CHECK(w.made_ids()[2].position == 12);
}

TEST_CASE("a node is given as an object or as a callable, and each worker gets one that has not run") {
  struct counter {
    int n = 0;
    void on_record(const int&, context<int>& out) { out.emit(++n); }
  };
  struct pinned { // cannot be copied
    std::unique_ptr<int> n = std::make_unique<int>(0);
    void on_record(const int&, context<int>& out) { out.emit(++*n); }
  };
  const auto object = define(counter{});
  const auto made = define([] { return pinned{}; });
  for (int worker = 0; worker < 2; ++worker)
    for (const auto* d : {&object, &made}) {
      one_worker w{*d};
      w.run(numbers(2));
      w.run(numbers(1));
      CHECK(w.made<int>() == std::vector<int>{3});
    }
  const auto once = define(pinned{});
  one_worker w{once};
  CHECK_THROWS_WITH(one_worker{once}, Catch::Contains("give a callable"));
}

TEST_CASE("a batch function must answer one record for each, or its task fails with both numbers") {
  const auto d = detail::define_batch_function<int>(
      [](std::span<const int> in) { return std::vector<int>(in.begin() + 1, in.end()); }, {});
  one_worker w{d};
  auto& scope = w.run(numbers(5));
  REQUIRE(scope.whole);
  CHECK(scope.whole->kind == error_kind::permanent);
  CHECK(scope.whole->what == "a batch function answered 4 records for 5");
  CHECK(w.made<int>().empty());
}

TEST_CASE("a batch function keeps the ids of its records") {
  const auto d = detail::define_batch_function<int>(
      [](std::span<const int> in) -> result<std::vector<std::string>> {
        return std::vector<std::string>(in.size(), "x");
      },
      {});
  one_worker w{d};
  w.run(numbers(4, 1, 7), 1, 3, [](auto&) {});
  CHECK(w.made_ids() == std::vector<record_id>{{1, 8, 0}, {1, 9, 0}});
}

TEST_CASE("sinks take spans or records with ids, and fail as a whole") {
  struct with_ids {
    std::vector<record_id>* seen;
    result<> write(const records<int>& in) {
      for (std::size_t i = 0; i < in.size(); ++i)
        seen->push_back(in.id(i));
      return {};
    }
  };
  struct failing {
    void write(std::span<const int>) { throw std::runtime_error("away"); }
  };
  std::vector<record_id> seen;
  const auto d = detail::define_sink(detail::make_node_factory(with_ids{&seen}), {});
  CHECK(d.role == node_role::sink);
  one_worker w{d};
  CHECK_FALSE(w.run(numbers(2, 5, 9)).whole);
  CHECK(seen == std::vector<record_id>{{5, 9, 0}, {5, 10, 0}});
  const auto f = detail::define_sink(detail::make_node_factory(failing{}), {});
  one_worker v{f};
  CHECK(v.run(numbers(2)).whole == transient("away"));
}

// ---- aggregates
// --------------------------------------------------------------------------------------------------------

namespace {

struct total {
  long sum = 0;
  void add(const std::string& s) {
    if (s == "bad")
      throw std::runtime_error("bad");
    sum += static_cast<long>(s.size());
  }
  long result() const { return sum; }
};

} // namespace

TEST_CASE("an aggregate over everything is emitted once, when the input has ended") {
  using node = detail::whole_aggregate<std::string, total>;
  const auto d = detail::define_class<node>([] { return std::make_unique<node>(total{}); }, {});
  one_worker w{d};
  CHECK(w.run(batch_of<std::string>({"a", "bcd"})).aggregated == 2);
  CHECK(w.made<long>().empty());
  w.run(batch_of<std::string>({"ef"}));
  w.drain();
  CHECK(w.made<long>() == std::vector<long>{6});
}

TEST_CASE("a keyed aggregate emits one result a key in the order of keys, with stable distinct ids") {
  const auto key_of = std::make_shared<const std::function<std::string(const std::string&)>>(
      [](const std::string& s) { return s.substr(0, 1); });
  using node = detail::keyed_aggregate<std::string, total, std::function<std::string(const std::string&)>>;
  const auto d = detail::define_class<node>([key_of] { return std::make_unique<node>(total{}, key_of); }, {});
  one_worker w{d};
  w.run(batch_of<std::string>({"zz", "a", "m1", "a234"}));
  w.drain();
  CHECK(w.made<long>() == std::vector<long>{5, 2, 2});
  const auto ids = w.made_ids();
  CHECK(ids[0].ordinal == mix_ordinal(key_hash(std::string("a")), 0));
  CHECK(std::set<record_id>(ids.begin(), ids.end()).size() == 3);
}

TEST_CASE("a key may be a view into the record: the aggregate keeps its own copy") {
  const auto first = [](const std::string& s) { return std::string_view{s}.substr(0, 20); };
  using key_of = decltype(first);
  struct counted {
    int n = 0;
    void add(const std::string&) { ++n; }
    std::pair<std::string, int> result(const std::string& key) const { return {key, n}; }
  };
  using node = detail::keyed_aggregate<std::string, counted, key_of>;
  const auto d = detail::define_class<node>(
      [keys = std::make_shared<const key_of>(first)] { return std::make_unique<node>(counted{}, keys); }, {});
  one_worker w{d};
  for (int i = 0; i < 3; ++i) { // each batch is gone before the next
    w.run(batch_of<std::string>({std::string(30, 'a'), std::string(30, 'b')}));
    w.run(batch_of<std::string>({std::string(30, 'c'), std::string(30, 'd')}));
  }
  w.drain();
  using made = std::pair<std::string, int>;
  CHECK(w.made<made>() == std::vector<made>{{std::string(20, 'a'), 3},
                                            {std::string(20, 'b'), 3},
                                            {std::string(20, 'c'), 3},
                                            {std::string(20, 'd'), 3}});
}

TEST_CASE("a key whose only record failed has no result") {
  const auto key_of = std::make_shared<const std::function<std::string(const std::string&)>>(
      [](const std::string& s) { return s; });
  using node = detail::keyed_aggregate<std::string, total, std::function<std::string(const std::string&)>>;
  const auto d = detail::define_class<node>([key_of] { return std::make_unique<node>(total{}, key_of); }, {});
  one_worker w{d};
  auto& scope = w.run(batch_of<std::string>({"good", "bad"}));
  CHECK(scope.failures.size() == 1);
  CHECK(scope.aggregated == 1);
  w.drain();
  CHECK(w.made<long>() == std::vector<long>{4});
}

// ---- ready sources
// -----------------------------------------------------------------------------------------------------

TEST_CASE("a range source hands out its range by demand and knows how far it is") {
  auto s = from_range(std::vector<int>{1, 2, 3, 4, 5});
  detail::source_output<int> out{0, {}, nullptr};
  emitter<int> emit{out};
  out.begin_poll({}, 3);
  CHECK(s.poll(emit, 3).what() == poll_result::state::more);
  CHECK(s.progress().done == 3);
  CHECK(s.progress().total == 5);
  CHECK(s.poll(emit, 3).what() == poll_result::state::end);
  CHECK(values<int>(out.take(true)) == std::vector<int>{1, 2, 3, 4, 5});
  auto empty = from_range(std::vector<int>{});
  CHECK(empty.poll(emit, 1).what() == poll_result::state::end);
}

TEST_CASE("copies of a range source each begin at the beginning") {
  auto a = from_range(std::vector<int>{1, 2});
  auto b = a;
  detail::source_output<int> out{0, {}, nullptr};
  emitter<int> emit{out};
  out.begin_poll({}, 10);
  (void)a.poll(emit, 5);
  (void)b.poll(emit, 5);
  CHECK(values<int>(out.take(true)) == std::vector<int>{1, 2, 1, 2});
}

TEST_CASE("generate ends with the first nullopt") {
  auto s =
      generate([n = 0]() mutable -> std::optional<int> { return n < 3 ? std::optional{n++} : std::nullopt; });
  detail::source_output<int> out{0, {}, nullptr};
  emitter<int> emit{out};
  out.begin_poll({}, 10);
  CHECK(s.poll(emit, 2).what() == poll_result::state::more);
  CHECK(s.poll(emit, 2).what() == poll_result::state::end);
  CHECK(values<int>(out.take(true)) == std::vector<int>{0, 1, 2});
}
