#pragma once

// One node under test, alone, on virtual time: what it does with records, timers, failures and restarts.
//
//     weir::node_probe probe{shorten{11}};
//     probe.feed("a rather long text");
//     CHECK(probe.outputs() == std::vector<std::string>{"a rather lo..."});
//
// The node is a class with on_record or on_batch, as an object or as a callable that makes one. It runs as in
// a workflow, on a worker of its own, with the options given: retries, timeouts and restarts are the real
// ones. Calls do all that can be done without time passing before they return; advance() lets time pass.
// Single-threaded. No error is thrown but for options that cannot be (weir::error).

#include <weir/testkit/workflow_probe.hpp>
#include <weir/workflow/stream.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace weir {

template <class G>
  requires node_class<detail::made_node<G>>
class node_probe {
  using node = detail::made_node<G>;
  using out = node_output<node>;
  using traits = detail::output_traits<out>;

 public:
  using input = node_input<node>;

  explicit node_probe(G given, node_options options = {}) : probe_(make(std::move(given), options)) {
    source_ = probe_.template replace_source<input>("input");
    capture(std::make_index_sequence<traits::count>{});
    probe_.settle();
  }

  void feed(input record) {
    source_.feed(std::move(record));
    probe_.settle();
  }
  void feed(std::vector<input> records) {
    for (input& r : records)
      source_.feed(std::move(r));
    probe_.settle();
  }
  /// The input ends: on_drain is called.
  void end() {
    source_.end();
    probe_.settle();
  }
  void advance(duration d) { probe_.advance(d); }

  /// The next task's call into the node fails with this instead of being made.
  void fail_next(error why = transient("failed by the test")) {
    probe_.inject("node", fault::throws, std::move(why));
  }
  /// The next call hangs until it is asked to stop; the node needs a timeout.
  void hang_next() { probe_.inject("node", fault::hangs); }
  /// The next call hangs for good: the worker is abandoned; the node needs a timeout.
  void hang_for_good_next() { probe_.inject("node", fault::ignores_stop); }
  /// The node object is lost and made anew by its factory, as after a crash: on_start is called on the new
  /// one, with context::last_crash() set. Its state is gone; a node that has records in its state fails the
  /// run.
  void crash_and_restore() {
    probe_.crash("node");
    probe_.advance(std::chrono::seconds{5}); // the backoff of restarts
  }

  /// Everything that a port has emitted so far; without an index: the only port.
  template <std::size_t Port = 0>
  const auto& outputs() const {
    return *std::get<Port>(got_);
  }
  /// By the port's name.
  template <fixed_string Name>
  const auto& outputs_of() const {
    return *std::get<traits::template index<Name>()>(got_);
  }
  std::vector<dead_letter> dead_letters() { return probe_.dead_letters(); }
  node_result figures() { return probe_.figures("node"); }
  bool ready() { return probe_.ready(); }
  /// The node has ended, or failed: see result().
  bool ended() { return probe_.ended(); }
  run_result result() { return probe_.result(); }

 private:
  static workflow_probe make(G given, node_options options) {
    workflow w{"probe"};
    w.settings().max_dead_letters.share = 1;
    options.isolation = isolation::thread; // a place of its own, so that it can crash and hang
    const auto source = w.add("input", detail::define_source(probe_source<input>{}, {}));
    const auto at =
        w.add("node", detail::define_class<node>(detail::make_node_factory(std::move(given)), options));
    w.connect({source, 0, at});
    sinks(w, at, std::make_index_sequence<traits::count>{});
    return workflow_probe{std::move(w)};
  }
  static std::string sink_name(std::size_t port) { return "output " + std::to_string(port); }
  template <std::size_t... I>
  static void sinks(workflow& w, std::uint32_t from, std::index_sequence<I...>) {
    const auto add = [&]<std::size_t Port>() {
      using record = typename traits::template record<Port>;
      w.connect({from, Port,
                 w.add(sink_name(Port), detail::define_sink_function<record>([](const record&) {}, {}))});
    };
    (add.template operator()<I>(), ...);
  }
  template <std::size_t... I>
  void capture(std::index_sequence<I...>) {
    ((std::get<I>(got_) = probe_.template capture_sink<typename traits::template record<I>>(sink_name(I))),
     ...);
  }
  template <class>
  struct captured;
  template <std::size_t... I>
  struct captured<std::index_sequence<I...>> {
    using type = std::tuple<std::shared_ptr<const std::vector<typename traits::template record<I>>>...>;
  };

  workflow_probe probe_;
  probe_source<input> source_;
  typename captured<std::make_index_sequence<traits::count>>::type got_;
};

} // namespace weir
