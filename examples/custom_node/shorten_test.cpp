#include <examples/custom_node/shorten.hpp>
#include <tests/support/catch.hpp>
#include <weir/weir.hpp>

// [custom-node-test]
TEST_CASE("shorten cuts long texts and sends empty ones to the dead letters") {
  std::vector<std::string> seen;
  weir::workflow wf{"test"};
  wf.from("texts", weir::from_range(std::vector<std::string>{"a short one", "", "a rather long one"}))
      .node("shorten", shorten{11})
      .to("seen", [&seen](const std::string& text) { seen.push_back(text); });

  const weir::run_result result = weir::run(wf);

  CHECK(result.ok());
  CHECK(seen == std::vector<std::string>{"a short one", "a rather lo..."});
  REQUIRE(result.last_dead_letters.size() == 1);
  CHECK(result.last_dead_letters[0].cause == "nothing to shorten");
}
// [custom-node-test]
