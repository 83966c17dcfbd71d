#include <tests/support/catch.hpp>
#include <weir/testkit/workflow_probe.hpp>
#include <weir/weir.hpp>

#include <string>

using namespace weir;
using namespace std::chrono_literals;

namespace {

workflow lengths() {
  workflow w{"lengths"};
  w.from("texts", from_range(std::vector<std::string>{"never seen"}))
      .filter([](const std::string& s) { return !s.empty(); })
      .map("measure", [](const std::string& s) { return s.size(); },
           {.workers = {2}, .retry = fixed_backoff{1s, 3}})
      .to("print", [](const std::size_t&) { FAIL("the sink's own code runs"); });
  return w;
}

std::string complaint(const std::function<void()>& f) {
  try {
    f();
  } catch (const error& e) {
    return e.message();
  }
  return "nothing";
}

} // namespace

TEST_CASE("sources are fed by hand, sinks are captured, fused steps run as they are") {
  workflow_probe probe{lengths()};
  auto texts = probe.replace_source<std::string>("texts");
  const auto printed = probe.capture_sink<std::size_t>("print");
  texts.feed("one");
  texts.feed("");
  texts.feed("three");
  probe.settle();
  CHECK(printed->size() == 2);
  CHECK(printed->at(0) + printed->at(1) == 8);
  probe.fail("measure", transient("busy"), 2);
  texts.feed("eleven");
  probe.settle();
  CHECK(printed->size() == 2);
  probe.advance(1s);
  CHECK(printed->size() == 2);
  probe.advance(1s);
  CHECK(printed->size() == 3);
  CHECK(probe.figures("measure").retries == 2);
  texts.end();
  CHECK(probe.run());
  CHECK(probe.result().status == run_status::completed);
  CHECK(probe.result().node("texts").filtered == 1);
}

TEST_CASE("a source that is away makes the workflow not ready, and nothing is lost") {
  workflow_probe probe{lengths()};
  auto texts = probe.replace_source<std::string>("texts");
  const auto printed = probe.capture_sink<std::size_t>("print");
  texts.feed("one");
  probe.settle();
  CHECK(probe.ready());
  texts.fail(transient("connection lost"));
  probe.settle();
  texts.feed("two");
  probe.settle();
  CHECK_FALSE(probe.ready());
  CHECK(texts.waiting() == 1);
  texts.fail({});
  probe.advance(1min);
  CHECK(probe.ready());
  CHECK(printed->size() == 2);
}

TEST_CASE("what cannot be replaced is told by name and type") {
  workflow_probe probe{lengths()};
  CHECK(complaint([&] { probe.replace_source<int>("texts"); }) ==
        "its records are of type std::__cxx11::basic_string<char, std::char_traits<char>, "
        "std::allocator<char> >, "
        "not int (node 'texts'): give that type");
  CHECK(complaint([&] { probe.replace_source<int>("text"); }) ==
        "no such node in the workflow (node 'text'): check the id");
  CHECK(complaint([&] { probe.capture_sink<std::string>("measure"); }) ==
        "it is no sink (node 'measure'): check the id");
  probe.replace_source<std::string>("texts");
  probe.settle();
  CHECK_THAT(complaint([&] { probe.capture_sink<std::size_t>("print"); }), Catch::Contains("runs already"));
}
