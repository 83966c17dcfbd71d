#pragma once

// What resources show of themselves while a workflow runs. A resource of one's own is shown too if it has a
// member `figures() const` that answers one of these, from any thread.

#include <weir/base/histogram.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace weir {

/// A reading of a pool at one moment.
struct connection_pool_figures {
  std::size_t size = 0; ///< at most so many
  std::size_t idle = 0;
  std::size_t in_use = 0;      ///< leased or being made
  std::size_t waiting = 0;     ///< calls of acquire() in line
  std::uint64_t waits = 0;     ///< acquisitions that could not be served at once
  std::uint64_t timed_out = 0; ///< waits that ended with the limit
  std::uint64_t created = 0;
  std::uint64_t lost = 0;      ///< thrown away: reported broken, found so by the health check, or abandoned
  std::uint64_t abandoned = 0; ///< places taken back from abandoned workers, connected or not yet
  distribution wait;           ///< of each acquire(), until it had a place or gave up; nothing for most
};

/// A reading of a cache at one moment. Of the calls of get() and get_or_compute() each counts as one of hit,
/// miss and coalesced.
struct cache_figures {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t coalesced = 0; ///< waited for what another caller computed
  std::uint64_t computed = 0;
  std::uint64_t failed = 0;  ///< computations that answered or threw an error
  std::uint64_t evicted = 0; ///< pushed out by others
  std::uint64_t expired = 0; ///< found too old
  std::size_t entries = 0;   ///< errors among them, if they are kept; what is too old until it is asked for
  std::size_t bytes = 0;
};

/// A reading of a model cache at one moment.
struct model_cache_figures {
  std::size_t models = 0;   ///< loaded now
  std::uint64_t hits = 0;   ///< calls of get() that were answered at once
  std::uint64_t waited = 0; ///< calls of get() that waited for another caller's load
  std::uint64_t loads = 0;  ///< that brought a model, reloads among them
  std::uint64_t failed = 0; ///< loads that brought none
};

using resource_figures = std::variant<connection_pool_figures, cache_figures, model_cache_figures>;

/// "connection_pool", "cache", "model_cache".
constexpr const char* kind_of(const resource_figures& f) noexcept {
  constexpr const char* kinds[] = {"connection_pool", "cache", "model_cache"};
  return kinds[f.index()];
}

struct named_resource_figures {
  std::string name; ///< in the workflow
  resource_figures figures;
};

} // namespace weir
