#pragma once

// A whole workflow under test: sources fed by hand, sinks that collect, faults where the test wants them,
// time that moves when told to. It runs in the simulator (simulation.hpp), so everything happens in the
// calling thread, the same way each time, and an hour passes in no time.
//
//     weir::workflow_probe probe{make_workflow()};
//     auto reviews = probe.replace_source<review>("reviews");
//     auto stored = probe.capture_sink<judged>("store");
//     probe.inject("judge", weir::fault::throws);
//     reviews.feed({"r-1", "great"});
//     probe.settle();
//     CHECK(stored->empty());               // it waits for its retry
//     probe.advance(1s);
//     CHECK(stored->size() == 1);
//
// Sources and sinks are replaced before the first settle(), advance() or run(). Errors in that are thrown as
// weir::error: an unknown id, a node that is no source or sink, another record type. Single-threaded.

#include <weir/testkit/probe_source.hpp>
#include <weir/testkit/simulation.hpp>
#include <weir/workflow/define.hpp>
#include <weir/workflow/workflow.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

class workflow_probe {
 public:
  /// `options.faults` may add faults by chance to those that the test injects.
  explicit workflow_probe(workflow w, simulation_options options = {})
      : workflow_(std::move(w)), options_(std::move(options)) {}

  /// The source's records come from the test. T is what the source itself makes.
  template <class T>
  probe_source<T> replace_source(std::string_view id) {
    probe_source<T> source;
    node_definition& d = place(id, node_role::source, record_type_of<T>());
    d.make_source = detail::define_source(source, d.options).make_source;
    return source;
  }
  /// What arrives at the sink is collected; its own code does not run.
  template <class T>
  std::shared_ptr<const std::vector<T>> capture_sink(std::string_view id) {
    auto got = std::make_shared<std::vector<T>>();
    node_definition& d = place(id, node_role::sink, record_type_of<T>());
    auto keep =
        detail::define_sink_function<T>([got](const T& record) { got->push_back(record); }, d.options);
    d.make_operator = std::move(keep.make_operator);
    d.whole_tasks = false;
    return got;
  }

  /// The node's next task meets this fault.
  void inject(std::string_view id, fault what, std::optional<error> why = {}) {
    sim().inject(id, what, std::move(why));
  }
  /// The node's next `times` tasks fail with this.
  void fail(std::string_view id, error why, std::uint32_t times = 1) {
    for (; times > 0; --times)
      sim().inject(id, fault::throws, why);
  }
  /// A worker of the node dies, whatever it is at.
  void crash(std::string_view id, std::uint32_t worker = 0) {
    sim().crash(id, worker);
    settle();
  }

  /// Does all that can be done without time passing.
  void settle() { sim().settle(); }
  /// Lets this much virtual time pass.
  void advance(duration d) { sim().advance(d); }
  /// To the end of the workflow; false when it is stuck.
  bool run() { return sim().run(); }
  void drain(duration deadline = {}) {
    sim().drain(deadline);
    settle();
  }
  void stop() {
    sim().stop();
    settle();
  }

  bool ended() { return sim().ended(); }
  bool ready() { return sim().ready(); }
  run_result result() { return sim().result(); }
  /// The figures of a node so far.
  node_result figures(std::string_view id);
  std::vector<dead_letter> dead_letters() { return sim().result().last_dead_letters; }
  /// Made, and the workflow started, by the first call.
  simulation& sim();

 private:
  node_definition& place(std::string_view id, node_role role, const record_type& type);
  workflow workflow_;
  simulation_options options_;
  std::unique_ptr<simulation> simulation_;
};

} // namespace weir
