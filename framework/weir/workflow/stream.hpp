#pragma once

// The typed stream: how a workflow is written in C++.
//
//     weir::workflow wf{"orders"};
//     wf.from("lines", line_source{"orders.txt"})
//       .filter(not_empty)                                   // unnamed: fused into the node before it
//       .map("parse", parse, {.workers = {4}})               // named: a node, an actor of its own
//       .key_by(&order::customer)
//       .aggregate("totals", total{})
//       .to("print", [](const order_total& t) { std::cout << t << '\n'; });
//
// A named call starts a node; an unnamed one fuses into the node before it, at compile time, into one loop
// over the batch. An actor boundary costs a message a batch, a fused step costs nothing. Types are checked
// where they meet; the accepted signatures are in weir/node/concepts.hpp. A stream is a handle: using it
// twice is fan-out (both get every record, shared, not copied).

#include <weir/operator/aggregate.hpp>
#include <weir/workflow/define.hpp>
#include <weir/workflow/workflow.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

/// No key.
struct unkeyed {};

namespace detail {

/// What a stream hangs off: a port of a node, and whether a step can still be fused into it.
struct stream_end {
  workflow* owner;
  std::uint32_t node;
  std::uint32_t port;
  std::uint32_t steps = 0; ///< fused behind that port when the stream was made
};

template <class Out>
struct node_streams;

} // namespace detail

/// A stream of records of type `record`. `Chain` is what is fused into the last node so far, `Key` a callable
/// record -> key, or unkeyed.
template <class Chain, class Key = unkeyed>
class [[nodiscard]] stream {
 public:
  using record = typename detail::chain_output<Chain>::type;
  static constexpr bool keyed = !std::is_same_v<Key, unkeyed>;

  stream(detail::stream_end at, Chain chain, bool open, std::shared_ptr<const Key> key = nullptr)
      : at_(at), chain_(std::move(chain)), open_(open), key_(std::move(key)) {}

  // ---- fused steps: into the node before
  // -----------------------------------------------------------------------

  /// One output for each record.
  template <map_function<record> F>
  auto map(F f) && {
    return std::move(*this).template fuse<F>(detail::map_step<record, F>{detail::callable<F>{std::move(f)}});
  }
  /// Each record, changed by f. (What other streams carry is not touched: f changes a copy, unless nobody
  /// else holds the record.)
  template <update_function<record> F>
  auto update(F f) && {
    return std::move(*this).template fuse<F>(
        detail::update_step<record, F>{detail::callable<F>{std::move(f)}});
  }
  /// Only the records for which f is true.
  template <filter_function<record> F>
  auto filter(F f) && {
    return std::move(*this).template fuse<F>(
        detail::filter_step<record, F>{detail::callable<F>{std::move(f)}});
  }
  /// One output or none for each record.
  template <filter_map_function<record> F>
  auto filter_map(F f) && {
    return std::move(*this).template fuse<F>(
        detail::filter_map_step<record, F>{detail::callable<F>{std::move(f)}});
  }
  /// Any number of outputs for each record.
  template <flat_map_function<record> F>
  auto flat_map(F f) && {
    return std::move(*this).template fuse<F>(
        detail::flat_map_step<record, F>{detail::callable<F>{std::move(f)}});
  }

  // ---- nodes: an actor each
  // ------------------------------------------------------------------------------------

  template <map_function<record> F>
  auto map(std::string id, F f, node_options options = {}) const {
    return node_of<F>(std::move(id), detail::map_step<record, F>{detail::callable<F>{std::move(f)}}, options);
  }
  template <update_function<record> F>
  auto update(std::string id, F f, node_options options = {}) const {
    return node_of<F>(std::move(id), detail::update_step<record, F>{detail::callable<F>{std::move(f)}},
                      options);
  }
  template <filter_function<record> F>
  auto filter(std::string id, F f, node_options options = {}) const {
    return node_of<F>(std::move(id), detail::filter_step<record, F>{detail::callable<F>{std::move(f)}},
                      options);
  }
  template <filter_map_function<record> F>
  auto filter_map(std::string id, F f, node_options options = {}) const {
    return node_of<F>(std::move(id), detail::filter_map_step<record, F>{detail::callable<F>{std::move(f)}},
                      options);
  }
  template <flat_map_function<record> F>
  auto flat_map(std::string id, F f, node_options options = {}) const {
    return node_of<F>(std::move(id), detail::flat_map_step<record, F>{detail::callable<F>{std::move(f)}},
                      options);
  }
  /// A function of a whole task: std::span<const record> in, one output for each record, in order.
  template <batch_function<record> F>
  auto map_batch(std::string id, F f, node_options options = {}) const {
    using out = std::ranges::range_value_t<detail::unwrapped<detail::called<F, std::span<const record>>>>;
    return attach<detail::chain<out>>(std::move(id),
                                      detail::define_batch_function<record>(std::move(f), options));
  }
  /// A node class (on_record or on_batch), as an object or as a callable that makes one.
  template <class N>
    requires node_class<detail::made_node<N>>
  auto node(std::string id, N node, node_options options = {}) const {
    using made = detail::made_node<N>;
    static_assert(std::is_same_v<node_input<made>, record>,
                  "the node's on_record takes another type than this "
                  "stream carries");
    auto index =
        add(std::move(id), detail::define_class(detail::make_node_factory(std::move(node)), options));
    return detail::node_streams<node_output<made>>{at_.owner, index};
  }
  /// Two streams: the records for which f is true, and the others.
  template <filter_function<record> F>
  auto branch(std::string id, F f, node_options options = {}) const {
    using outputs = ports<port<"true", record>, port<"false", record>>;
    using chain = detail::chain<record>;
    auto index =
        add(std::move(id), detail::define<record, outputs>(
                               detail::make_chain_factory(
                                   chain{}, detail::to_branch<record, F>{detail::callable<F>{std::move(f)}}),
                               options));
    return std::pair{open_port<record>(index, 0), open_port<record>(index, 1)};
  }
  /// One stream of the records of this one and the others, in the order in which they come.
  template <class... Streams>
    requires(sizeof...(Streams) > 0 && (std::is_same_v<typename Streams::record, record> && ...))
  auto merge(std::string id, const Streams&... others) const {
    using chain = detail::chain<record>;
    auto d =
        detail::define<record, record>(detail::make_chain_factory(chain{}, detail::to_port<record>{}), {});
    const auto index = add(std::move(id), std::move(d));
    (join(others.end(), index), ...);
    return stream<chain>{{at_.owner, index, 0}, chain{}, true};
  }

  // ---- keys and aggregates
  // -------------------------------------------------------------------------------------

  /// Records of equal key go to the same worker of the next node, in order. `key_of` is a callable or a
  /// member.
  template <class F>
    requires std::is_invocable_v<const F&, const record&>
  auto key_by(F key_of) const {
    using chain = detail::chain<record>;
    return stream<chain, F>{at_, chain{}, false, std::make_shared<const F>(std::move(key_of))};
  }
  /// The result of an aggregator over all records (per key on a keyed stream), emitted when the input has
  /// ended.
  template <class A>
    requires(keyed || aggregator<A, record>)
  auto aggregate(std::string id, A first, node_options options = {}) const {
    if constexpr (keyed) {
      using node = detail::keyed_aggregate<record, A, Key>;
      return attach_stateful<node>(
          std::move(id),
          [first = std::move(first), key = key_] { return std::make_unique<node>(first, key); }, options);
    } else {
      using node = detail::whole_aggregate<record, A>;
      return attach_stateful<node>(
          std::move(id), [first = std::move(first)] { return std::make_unique<node>(first); }, options);
    }
  }

  // ---- sinks
  // ---------------------------------------------------------------------------------------------------

  /// Delivers every record to a callable, fused into the node before: that node is then a sink, and its steps
  /// are tried again with it, without limit unless its options say otherwise. Into a source only where
  /// neither the callable nor the steps between can fail (noexcept functions of small, trivially copyable
  /// records): that source is then the whole workflow, or a part of it that needs no actor of its own.
  template <sink_function<record> F>
  void to(F f) && {
    workflow& w = *at_.owner;
    named_node& before = w.node(at_.node);
    const std::string where = "node '" + before.id + "'";
    using sink = detail::to_function<record, F>;
    if constexpr (!keyed && detail::fits_source<Chain, sink>)
      if (before.definition.role == node_role::source && !taken(w)) {
        check_fresh(at_);
        node_definition& d = before.definition;
        d.make_steps = detail::make_source_steps(std::move(chain_), sink{detail::callable<F>{std::move(f)}});
        d.fused.clear();
        d.outputs.clear();
        return;
      }
    if (!open_ || keyed) {
      w.mistake(permanent("a sink cannot be fused into node '" + before.id + "'", where,
                          "give the sink a name, so that it is a node of its own"));
      return;
    }
    if (taken(w))
      w.mistake(permanent("a sink is fused into node '" + before.id + "' after its output was used", where,
                          "give the sink a name, so that it is a node of its own"));
    check_fresh(at_);
    node_definition& d = before.definition;
    d.role = node_role::sink;
    d.make_operator = detail::make_chain_factory(
        std::move(chain_), detail::to_function<record, F>{detail::callable<F>{std::move(f)}});
    d.outputs.clear();
    d.in_place = detail::changes_input<Chain, detail::to_function<record, F>>;
  }
  /// Delivers every record to a callable `void(const record&)` (or result<>).
  template <sink_function<record> F>
  void to(std::string id, F f, node_options options = {}) const {
    add(std::move(id), detail::define_sink_function<record>(std::move(f), options));
  }
  /// Delivers every task to a sink class, as an object or as a callable that makes one.
  template <class S>
    requires(!sink_function<S, record> && sink_class<detail::made_node<S>>)
  void to(std::string id, S sink, node_options options = {}) const {
    using made = detail::made_node<S>;
    static_assert(std::is_same_v<sink_record<made>, record>,
                  "the sink's write takes another type than this stream "
                  "carries");
    add(std::move(id), detail::define_sink(detail::make_node_factory(std::move(sink)), options));
  }

  detail::stream_end end() const noexcept { return at_; }

 private:
  template <class, class>
  friend class stream;

  template <class R>
  stream<detail::chain<R>> open_port(std::uint32_t node, std::uint32_t port) const {
    return {{at_.owner, node, port}, detail::chain<R>{}, false};
  }

  /// The chain with one more step becomes the code of the node before.
  template <class F, class Step>
  auto fuse(Step step) && {
    using longer = decltype(std::move(chain_).then(std::move(step)));
    using out = typename detail::chain_output<longer>::type;
    static_assert(!keyed, "name the step after key_by: keys decide which worker of a node gets a record");
    workflow& w = *at_.owner;
    named_node& before = w.node(at_.node);
    if constexpr (std::is_copy_constructible_v<longer>) {
      longer chain = std::move(chain_).then(std::move(step));
      if (!open_)
        return start_fused(std::move(chain), w);
      if (taken(w))
        w.mistake(permanent("a step is fused into node '" + before.id + "' after its output was used",
                            "node '" + before.id + "'",
                            "give the step a name, so that it is a node of its own"));
      before.definition.make_operator = detail::make_chain_factory(chain, detail::to_port<out>{});
      check_fresh(at_);
      before.definition.outputs = detail::output_traits<out>::list();
      before.definition.outputs[at_.port].steps = at_.steps + 1;
      before.definition.in_place = detail::changes_input<longer, detail::to_port<out>>;
      return stream<longer>{{at_.owner, at_.node, at_.port, at_.steps + 1}, std::move(chain), true};
    } else {
      static_assert(std::is_copy_constructible_v<longer>,
                    "a fused callable must be copyable: capture a shared_ptr, or name the step");
    }
  }
  /// Behind a node whose code is not a chain (a source, a batch function, a class, a port): the steps run in
  /// that node's actor as a part of its own, see node_definition::fused.
  template <class Longer>
  auto start_fused(Longer chain, workflow& w) {
    using out = typename detail::chain_output<Longer>::type;
    node_definition& d = w.node(at_.node).definition;
    if (taken(w))
      w.mistake(permanent("a step is fused into node '" + w.node(at_.node).id + "' after its output was used",
                          "node '" + w.node(at_.node).id + "'",
                          "give the step a name, so that it is a node of its own"));
    if (d.fused.size() <= at_.port)
      d.fused.resize(d.outputs.size());
    d.fused[at_.port] = detail::make_chain_factory(chain, detail::to_port<out>{});
    d.make_steps = nullptr;
    if constexpr (detail::fits_source<Longer, detail::to_port<out>>)
      if (d.role == node_role::source)
        d.make_steps = detail::make_source_steps(chain, detail::to_port<out>{});
    if (d.made.empty())
      d.made = d.outputs;
    check_fresh(at_);
    d.outputs[at_.port].type = &record_type_of<out>();
    d.outputs[at_.port].steps = at_.steps + 1;
    return stream<Longer>{{at_.owner, at_.node, at_.port, at_.steps + 1}, std::move(chain), false};
  }
  bool taken(const workflow& w) const {
    for (const auto& e : w.edges())
      if (e.from == at_.node && e.port == at_.port)
        return true;
    return false;
  }

  template <class F, class Step>
  auto node_of(std::string id, Step step, node_options options) const {
    using chain = detail::chain<record, Step>;
    using out = typename detail::chain_output<chain>::type;
    chain steps{std::tuple<Step>{std::move(step)}};
    if constexpr (std::is_copy_constructible_v<chain>) {
      auto d =
          detail::define<record, out>(detail::make_chain_factory(steps, detail::to_port<out>{}), options);
      d.in_place = detail::changes_input<chain, detail::to_port<out>>;
      const auto index = add(std::move(id), std::move(d));
      return stream<chain>{{at_.owner, index, 0}, std::move(steps), true};
    } else {
      auto d = detail::define<record, out>(
          detail::make_chain_factory(std::move(steps), detail::to_port<out>{}), options);
      return stream<detail::chain<out>>{
          {at_.owner, add(std::move(id), std::move(d)), 0}, detail::chain<out>{}, false};
    }
  }

  template <class N, class Make>
  auto attach_stateful(std::string id, Make make, node_options options) const {
    auto d = detail::define_class<N>(std::move(make), options);
    d.stateful = true;
    return attach<detail::chain<typename N::out>>(std::move(id), std::move(d));
  }
  template <class NewChain>
  stream<NewChain> attach(std::string id, node_definition d) const {
    return {{at_.owner, add(std::move(id), std::move(d)), 0}, NewChain{}, false};
  }
  std::uint32_t add(std::string id, node_definition d) const {
    if constexpr (keyed) {
      d.keys = detail::make_key_groups<record>(key_);
      d.keys_nothrow = detail::keys_nothrow<record, Key>;
    }
    const auto index = at_.owner->add(std::move(id), std::move(d));
    join(at_, index);
    return index;
  }
  void join(const detail::stream_end& from, std::uint32_t to) const {
    if (from.owner != at_.owner) {
      at_.owner->mistake(permanent("a stream of another workflow is merged",
                                   "node '" + at_.owner->node(to).id + "'", "merge streams of one workflow"));
      return;
    }
    check_fresh(from);
    at_.owner->connect({from.node, from.port, to});
  }
  /// A stream from before a step was fused into its node would carry what that step makes.
  static void check_fresh(const detail::stream_end& at) {
    const named_node& node = at.owner->node(at.node);
    if (node.definition.outputs[at.port].steps != at.steps)
      at.owner->mistake(
          permanent("the output of node '" + node.id + "' is used as it was before a step was fused into it",
                    "node '" + node.id + "'", "give the step a name, so that it is a node of its own"));
  }

  detail::stream_end at_;
  Chain chain_;
  bool open_; ///< the node's code is this chain, and a step can be fused into it
  std::shared_ptr<const Key> key_;
};

namespace detail {

/// What node() gives: the stream of its only output, or get<"port">() for the streams of its ports.
template <class Out>
struct node_streams : stream<chain<Out>> {
  node_streams(workflow* owner, std::uint32_t node)
      : stream<chain<Out>>({owner, node, 0}, chain<Out>{}, false) {}
};
template <>
struct node_streams<void> {
  node_streams(workflow*, std::uint32_t) {}
};
template <class... Ports>
struct node_streams<ports<Ports...>> {
  using traits = output_traits<ports<Ports...>>;
  workflow* owner;
  std::uint32_t node;
  template <fixed_string Name>
  auto get() const {
    constexpr std::size_t port = traits::template index<Name>();
    using record = typename traits::template record<port>;
    return stream<chain<record>>{{owner, node, static_cast<std::uint32_t>(port)}, chain<record>{}, false};
  }
};

} // namespace detail

template <class S>
auto workflow::from(std::string id, S source, node_options options) {
  using made = detail::made_node<S>;
  static_assert(source_class<made>,
                "a source is a class with poll_result poll(emitter<T>&, std::size_t demand): see "
                "weir/node/source.hpp");
  using record = source_record<made>;
  const auto index = add(std::move(id), detail::define_source(std::move(source), options));
  return stream<detail::chain<record>>{{this, index, 0}, detail::chain<record>{}, false};
}

} // namespace weir
