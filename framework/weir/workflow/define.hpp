#pragma once

// From user code to node definitions: what the typed stream and the ready nodes share.

#include <weir/node/definition.hpp>
#include <weir/operator/chain_logic.hpp>
#include <weir/operator/node_logic.hpp>
#include <weir/operator/source_logic.hpp>
#include <weir/operator/source_steps.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir::detail {

/// A node that takes In and emits Out (a record type, ports, or void).
template <class In, class Out>
node_definition define(operator_factory make, node_options options) {
  node_definition d;
  d.role = output_traits<Out>::count == 0 ? node_role::sink : node_role::step;
  d.input = &record_type_of<In>();
  d.outputs = output_traits<Out>::list();
  d.options = options;
  d.make_operator = std::move(make);
  return d;
}

template <class S>
node_definition define_source(S source, node_options options) {
  using made = made_node<S>;
  node_definition d;
  d.role = node_role::source;
  d.outputs = output_traits<source_record<made>>::list();
  d.options = options;
  auto make = make_node_factory(std::move(source));
  d.make_source = [make] { return std::make_unique<class_source_logic<made>>(make()); };
  return d;
}

template <class In, class F>
node_definition define_batch_function(F f, node_options options) {
  using out = std::ranges::range_value_t<unwrapped<called<F, std::span<const In>>>>;
  auto code = std::make_shared<const callable<F>>(std::move(f));
  auto d = define<In, out>([code] { return std::make_unique<batch_function_logic<In, F>>(code); }, options);
  d.whole_tasks = true;
  return d;
}

/// A node class made by `make`.
template <class N>
node_definition define_class(std::function<std::unique_ptr<N>()> make, node_options options) {
  auto d = define<node_input<N>, node_output<N>>(
      [make = std::move(make)] { return std::make_unique<class_logic<N>>(make()); }, options);
  d.whole_tasks = batch_node<N>;
  return d;
}

/// A sink class made by `make`.
template <class S>
node_definition define_sink(std::function<std::unique_ptr<S>()> make, node_options options) {
  auto d = define<sink_record<S>, void>(
      [make = std::move(make)] { return std::make_unique<sink_logic<S>>(make()); }, options);
  d.whole_tasks = true;
  return d;
}

template <class In, class F>
node_definition define_sink_function(F f, node_options options) {
  using steps = chain<In>;
  return define<In, void>(make_chain_factory(steps{}, to_function<In, F>{callable<F>{std::move(f)}}),
                          options);
}

/// `key_of` and the hash of its key cannot fail.
template <class In, class KeyOf>
inline constexpr bool keys_nothrow =
    std::is_nothrow_invocable_v<const KeyOf&, const In&> &&
    hashes_nothrow<std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const In&>>>;

template <class KeyOf, class In>
inline constexpr bool is_integer_key = [] {
  using key = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const In&>>;
  return std::integral<key> || std::is_enum_v<key>;
}();

template <class In, class KeyOf>
key_group_function make_key_groups(std::shared_ptr<const KeyOf> key_of) {
  return [key_of](const void* records, const std::uint32_t* places, std::span<std::uint16_t> groups,
                  std::vector<key_failure>& failed) {
    const In* in = static_cast<const In*>(records);
    const auto each = [&](auto record) {
      if constexpr (keys_nothrow<In, KeyOf> && is_integer_key<KeyOf, In>) {
        constexpr std::size_t piece = 256;
        std::uint64_t keys[piece];
        for (std::size_t done = 0; done < groups.size(); done += piece) {
          const std::size_t n = std::min(piece, groups.size() - done);
          for (std::size_t i = 0; i < n; ++i)
            keys[i] = static_cast<std::uint64_t>(std::invoke(*key_of, record(done + i)));
          std::uint16_t* const to = groups.data() + done;
          hash_integers(keys, n, to);
          for (std::size_t i = 0; i < n; ++i)
            to[i] %= key_groups;
        }
        return;
      }
      for (std::size_t i = 0; i < groups.size();) {
        try {
          for (; i < groups.size(); ++i)
            groups[i] = key_group_of(std::invoke(*key_of, record(i)));
        } catch (...) {
          failed.push_back({static_cast<std::uint32_t>(i), error_from(std::current_exception())});
          groups[i++] = no_key_group;
        }
      }
    };
    if (places == nullptr)
      each([in](std::size_t i) -> const In& { return in[i]; });
    else
      each([in, places](std::size_t i) -> const In& { return in[places[i]]; });
  };
}

} // namespace weir::detail
