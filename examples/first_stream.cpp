// The first program of the README: words counted from text, each named step an actor.

#include <weir/weir.hpp>

#include <iostream>
#include <string>

// [first-stream]
struct count {
  int n = 0;
  void add(const std::string&) { ++n; }
  std::string result(const std::string& word) const { return word + ": " + std::to_string(n); }
};

int main() {
  weir::workflow wf{"words"};
  wf.from("words", weir::from_range(std::vector<std::string>{"to", "be", "or", "not", "to", "be"}))
      .filter([](const std::string& w) { return w != "or"; }) // unnamed: fused into the node before it
      .key_by([](const std::string& w) { return w; })
      .aggregate("count", count{}, {.workers = {2}}) // named: a node of its own, here with two workers
      .to("print", [](const std::string& line) { std::cout << line << '\n'; });
  return weir::run(wf).exit_code();
}
// [first-stream]
