#pragma once

// A bounded set of connections (or of anything that is costly to make and used by one at a time).
//
//     weir::connection_pool<database> pool{[] { return std::make_unique<database>("reviews.db"); }, {.size =
//     20}}; auto connection = pool.acquire(context.stop()); if (!connection)
//       return connection.error();
//     if (!(*connection)->ping())
//       connection->broken();   // not given back; a new one is made when needed
//
// Invariants:
//  1. idle + in use + being made <= size, at any moment.
//  2. A connection is held by one lease or is idle, never both; it is made, checked and destroyed outside the
//  lock.
//  3. Who waits is served in order of arrival; who arrives while others wait goes behind them.
//  4. Every place that a lease, a failed factory or a failed health check gives up wakes those who wait.
//  5. Leases may outlive the pool: what they hold is then destroyed when they end.
// Thread-safe; a lease belongs to one thread at a time.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace weir {

struct connection_pool_options {
  /// Connections at most, at least 1. Default 20. More costs the other end as many.
  std::size_t size = 20;
  /// How long acquire() waits for one to become free. Default 5 s.
  duration wait_limit = std::chrono::seconds{5};
};

/// A reading of a pool at one moment.
struct connection_pool_figures {
  std::size_t idle = 0;
  std::size_t in_use = 0;      ///< leased or being made
  std::uint64_t waits = 0;     ///< acquisitions that could not be served at once
  std::uint64_t timed_out = 0; ///< waits that ended with the limit
  std::uint64_t created = 0;
  std::uint64_t lost = 0; ///< thrown away: reported broken, or found so by the health check
};

template <class T>
class connection_pool {
  struct state;

 public:
  /// Makes a connection; may throw or answer null.
  using factory = std::function<std::unique_ptr<T>()>;
  /// Whether an idle connection can still be used. Called each time one is taken again.
  using health_check = std::function<bool(T&)>;

  /// A connection, for as long as the lease lives; then it goes back to the pool.
  class lease {
   public:
    lease(lease&&) noexcept = default;
    lease& operator=(lease&& other) noexcept {
      if (this != &other) {
        give_back();
        pool_ = std::move(other.pool_);
        connection_ = std::move(other.connection_);
        broken_ = other.broken_;
      }
      return *this;
    }
    ~lease() { give_back(); }

    T& operator*() const noexcept { return *connection_; }
    T* operator->() const noexcept { return connection_.get(); }
    /// The connection will be thrown away instead of going back.
    void broken() noexcept { broken_ = true; }

   private:
    friend class connection_pool;
    lease(std::shared_ptr<state> pool, std::unique_ptr<T> connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {}
    void give_back() noexcept {
      if (connection_)
        pool_->put_back(std::move(connection_), broken_);
    }

    std::shared_ptr<state> pool_;
    std::unique_ptr<T> connection_;
    bool broken_ = false;
  };

  explicit connection_pool(factory make, connection_pool_options options = {}, health_check healthy = {})
      : state_(std::make_shared<state>(std::move(make), options, std::move(healthy))) {}
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;
  ~connection_pool() { state_->close(); }

  /// A connection: an idle one, else a new one, else the next that becomes free. A transient error when none
  /// did within the wait limit, when `stop` was requested, or when the factory failed.
  result<lease> acquire(std::stop_token stop = {}) {
    const std::shared_ptr<state> pool = state_;
    auto connection = pool->take(std::move(stop));
    if (!connection)
      return std::move(connection).error();
    return lease{pool, *std::move(connection)};
  }

  connection_pool_figures figures() const { return state_->figures(); }
  std::size_t size() const noexcept { return state_->options.size; }

 private:
  struct state {
    state(factory make_it, connection_pool_options o, health_check check_it)
        : make(std::move(make_it)), healthy(std::move(check_it)), options(o) {
      options.size = options.size == 0 ? 1 : options.size;
      idle.reserve(options.size); // giving back cannot fail
    }

    result<std::unique_ptr<T>> take(std::stop_token stop);
    result<> wait(std::unique_lock<std::mutex>& lock, std::stop_token stop);
    void wake() noexcept {
      if (!waiting.empty())
        changed.notify_all();
    }
    std::unique_ptr<T> reuse(std::unique_ptr<T> connection);
    result<std::unique_ptr<T>> create();
    void put_back(std::unique_ptr<T> connection, bool broken) noexcept;
    void close() noexcept;
    connection_pool_figures figures() const;

    const factory make;
    const health_check healthy;
    connection_pool_options options;
    mutable std::mutex mutex;
    std::condition_variable_any changed;
    std::list<int> waiting; ///< who waits, in order; only identity counts
    std::vector<std::unique_ptr<T>> idle;
    std::size_t in_use = 0;
    bool closed = false;
    connection_pool_figures counted;
  };

  std::shared_ptr<state> state_;
};

/// Waits until it is our turn and a place is free.
template <class T>
result<> connection_pool<T>::state::wait(std::unique_lock<std::mutex>& lock, std::stop_token stop) {
  ++counted.waits;
  const auto place = waiting.insert(waiting.end(), 0);
  const auto ready = [&] { return closed || (waiting.begin() == place && in_use < options.size); };
  const bool served =
      changed.wait_until(lock, stop, std::chrono::steady_clock::now() + options.wait_limit, ready);
  waiting.erase(place);
  wake(); // the next in line may be served too
  if (served && !closed)
    return {};
  if (closed || stop.stop_requested())
    return transient("stopped while waiting for a connection");
  ++counted.timed_out;
  return transient("no connection became free in time", "all " + std::to_string(options.size) + " are in use",
                   "make the pool larger or give connections back sooner");
}

/// Takes a place, waiting for it if need be, then fills it.
template <class T>
result<std::unique_ptr<T>> connection_pool<T>::state::take(std::stop_token stop) {
  std::unique_ptr<T> found;
  {
    std::unique_lock lock{mutex};
    if (closed || !waiting.empty() || in_use == options.size)
      if (auto served = wait(lock, std::move(stop)); !served)
        return std::move(served).error();
    ++in_use;
    if (!idle.empty()) {
      found = std::move(idle.back());
      idle.pop_back();
    }
  }
  if (found)
    found = reuse(std::move(found));
  if (found)
    return found;
  return create();
}

/// The connection if it is healthy, else null. Its place stays taken.
template <class T>
std::unique_ptr<T> connection_pool<T>::state::reuse(std::unique_ptr<T> connection) {
  bool usable = true;
  try {
    usable = !healthy || healthy(*connection);
  } catch (...) {
    usable = false;
  }
  if (usable)
    return connection;
  connection.reset(); // before another is made
  const std::lock_guard lock{mutex};
  ++counted.lost;
  return nullptr;
}

/// A new connection for a place that is taken, which is given up when there is none.
template <class T>
result<std::unique_ptr<T>> connection_pool<T>::state::create() {
  error why = transient("the connection pool's factory made no connection");
  std::unique_ptr<T> made;
  try {
    made = make();
  } catch (...) {
    why = error_from(std::current_exception());
    why.what = "cannot connect: " + why.what;
  }
  const std::lock_guard lock{mutex};
  if (made) {
    ++counted.created;
    return made;
  }
  --in_use;
  wake();
  return why;
}

template <class T>
void connection_pool<T>::state::put_back(std::unique_ptr<T> connection, bool broken) noexcept {
  if (broken)
    connection.reset(); // before its place is free
  const std::lock_guard lock{mutex};
  --in_use;
  counted.lost += broken ? 1 : 0;
  if (connection && !closed)
    idle.push_back(std::move(connection));
  wake();
}

template <class T>
void connection_pool<T>::state::close() noexcept {
  std::vector<std::unique_ptr<T>> unused;
  const std::lock_guard lock{mutex};
  closed = true;
  unused.swap(idle);
  wake();
}

template <class T>
connection_pool_figures connection_pool<T>::state::figures() const {
  const std::lock_guard lock{mutex};
  connection_pool_figures now = counted;
  now.idle = idle.size();
  now.in_use = in_use;
  return now;
}

} // namespace weir
