#pragma once

// A bounded set of connections (or of anything that is costly to make and used by one at a time).
//
//     weir::connection_pool<database> pool{
//         [] { return std::make_unique<database>("reviews.db"); }, {.size = 20}};
//
//     auto connection = pool.acquire(context.stop());
//     if (!connection)
//       return connection.error();
//     if (!(*connection)->ping())
//       connection->broken(); // not given back; a new one is made when needed
//
// Invariants:
//  1. idle + in use + being made <= size, at any moment.
//  2. A connection is held by one lease or is idle, never both; it is made, checked and destroyed outside the
//  lock.
//  3. Who waits is served in order of arrival; who arrives while others wait goes behind them.
//  4. Every place that a lease, a failed factory or a failed health check gives up wakes those who wait.
//  5. Leases may outlive the pool: what they hold is then destroyed when they end.
//  6. When a worker thread is abandoned (weir/base/abandonment.hpp), all it acquired and still holds, is
//  making or waits for is given up at that moment: its places are free, its place in line is gone, and its
//  calls of acquire() end with a transient error when they come back. A connection that it holds stays with
//  it, beyond the size, and is destroyed by the lease's end. A lease that was moved to another thread stays
//  with the worker that acquired it.
// Thread-safe; a lease belongs to one thread at a time.

#include <weir/base/abandonment.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/resource/figures.hpp>

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

template <class T>
class connection_pool {
  struct state;
  struct hold;

 public:
  /// Makes a connection; may throw or answer null.
  using factory = std::function<std::unique_ptr<T>()>;
  /// Whether an idle connection can still be used. Called each time one is taken again.
  using health_check = std::function<bool(T&)>;

  /// A connection, for as long as the lease lives; then it goes back to the pool.
  class lease {
   public:
    T& operator*() const noexcept { return *held_->connection; }
    T* operator->() const noexcept { return held_->connection.get(); }
    /// The connection will be thrown away instead of going back.
    void broken() noexcept { held_->broken = true; }

   private:
    friend class connection_pool;
    explicit lease(std::unique_ptr<hold> held) : held_(std::move(held)) {}
    std::unique_ptr<hold> held_;
  };

  explicit connection_pool(factory make, connection_pool_options options = {}, health_check healthy = {})
      : state_(std::make_shared<state>(std::move(make), options, std::move(healthy))) {}
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;
  ~connection_pool() { state_->close(); }

  /// A connection: an idle one, else a new one, else the next that becomes free. A transient error when none
  /// did within the wait limit, when `stop` was requested, when the factory failed, or when the calling
  /// worker was abandoned.
  result<lease> acquire(std::stop_token stop = {}) {
    auto held = std::make_unique<hold>(state_);
    if (auto taken = state_->take(*held, std::move(stop)); !taken)
      return std::move(taken).error();
    return lease{std::move(held)};
  }

  connection_pool_figures figures() const { return state_->figures(); }
  std::size_t size() const noexcept { return state_->options.size; }

 private:
  enum class stage {
    outside, ///< holds no place
    in_line,
    inside, ///< counted as in use
    left,   ///< its worker was abandoned; counted nowhere
  };

  /// One call of acquire(), then its lease. Stage, place and `connected` belong to the pool's mutex, the
  /// others to the thread that holds it.
  struct hold {
    explicit hold(std::shared_ptr<state> of) : pool(std::move(of)), worker(abandonment::current()) {
      if (worker)
        if_abandoned = worker->on_abandon([this] { pool->leave(*this); });
    }
    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;
    ~hold() {
      if_abandoned = {}; // it is not called any more
      pool->put_back(*this);
    }

    const std::shared_ptr<state> pool;
    const std::shared_ptr<abandonment> worker; ///< null outside worker threads
    stage at = stage::outside;
    std::list<int>::iterator place; ///< while in line
    bool connected = false;         ///< the place holds a connection that was counted as created
    std::unique_ptr<T> connection;
    bool broken = false;
    abandonment::registration if_abandoned;
  };

  struct state {
    state(factory make_it, connection_pool_options o, health_check check_it)
        : make(std::move(make_it)), healthy(std::move(check_it)), options(o) {
      options.size = options.size == 0 ? 1 : options.size;
      idle.reserve(options.size); // giving back cannot fail
    }

    result<> take(hold& h, std::stop_token stop);
    result<> wait(std::unique_lock<std::mutex>& lock, hold& h, std::stop_token stop);
    void wake() noexcept {
      if (!waiting.empty())
        changed.notify_all();
    }
    bool usable(T& connection) const;
    void discard(hold& h);
    result<> create(hold& h);
    void put_back(hold& h) noexcept;
    void leave(hold& h) noexcept;
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
    histogram waited;
  };

  static error left_behind() { return transient("no connection for an abandoned worker"); }

  std::shared_ptr<state> state_;
};

/// Waits until it is our turn and a place is free.
template <class T>
result<> connection_pool<T>::state::wait(std::unique_lock<std::mutex>& lock, hold& h, std::stop_token stop) {
  ++counted.waits;
  h.place = waiting.insert(waiting.end(), 0);
  h.at = stage::in_line;
  const bool served =
      changed.wait_until(lock, stop, std::chrono::steady_clock::now() + options.wait_limit, [&] {
        return closed || h.at == stage::left || (waiting.begin() == h.place && in_use < options.size);
      });
  if (h.at == stage::left)
    return left_behind();
  waiting.erase(h.place);
  h.at = stage::outside;
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
result<> connection_pool<T>::state::take(hold& h, std::stop_token stop) {
  {
    std::unique_lock lock{mutex};
    if (h.at == stage::left)
      return left_behind();
    if (closed || !waiting.empty() || in_use == options.size) {
      const auto since = std::chrono::steady_clock::now();
      auto served = wait(lock, h, std::move(stop));
      waited.record(std::chrono::steady_clock::now() - since);
      if (!served)
        return served;
    } else {
      waited.record(duration{0});
    }
    ++in_use;
    h.at = stage::inside;
    if (!idle.empty()) {
      h.connection = std::move(idle.back());
      idle.pop_back();
      h.connected = true;
    }
  }
  if (h.connection && !usable(*h.connection))
    discard(h);
  if (h.worker && h.worker->abandoned())
    return left_behind();
  return h.connection ? result<>{} : create(h);
}

template <class T>
bool connection_pool<T>::state::usable(T& connection) const {
  try {
    return !healthy || healthy(connection);
  } catch (...) {
    return false;
  }
}

/// Throws the connection away. Its place stays taken.
template <class T>
void connection_pool<T>::state::discard(hold& h) {
  h.connection.reset(); // before another is made
  const std::lock_guard lock{mutex};
  if (h.at == stage::left)
    return;
  ++counted.lost;
  h.connected = false;
}

/// A new connection for a place that is taken, which is given up when there is none.
template <class T>
result<> connection_pool<T>::state::create(hold& h) {
  error why = transient("the connection pool's factory made no connection");
  try {
    h.connection = make();
  } catch (...) {
    why = error_from(std::current_exception());
    why.what = "cannot connect: " + why.what;
  }
  const std::lock_guard lock{mutex};
  if (h.at == stage::left)
    return left_behind();
  if (h.connection) {
    ++counted.created;
    h.connected = true;
    return {};
  }
  --in_use;
  h.at = stage::outside;
  wake();
  return why;
}

/// Ends a hold: its connection is idle again, or is destroyed with it.
template <class T>
void connection_pool<T>::state::put_back(hold& h) noexcept {
  if (h.broken)
    h.connection.reset(); // before its place is free
  const std::lock_guard lock{mutex};
  if (h.at != stage::inside)
    return;
  --in_use;
  counted.lost += h.broken ? 1 : 0;
  if (h.connection && !closed)
    idle.push_back(std::move(h.connection));
  wake();
}

/// Gives up what a hold has, on the thread that abandons its worker.
template <class T>
void connection_pool<T>::state::leave(hold& h) noexcept {
  const std::lock_guard lock{mutex};
  if (h.at == stage::in_line) {
    waiting.erase(h.place);
    changed.notify_all(); // the worker itself, and who is next
  } else if (h.at == stage::inside) {
    --in_use;
    ++counted.abandoned;
    counted.lost += h.connected ? 1 : 0;
    wake();
  }
  h.at = stage::left;
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
  now.size = options.size;
  now.waiting = waiting.size();
  now.wait = waited.read();
  return now;
}

} // namespace weir
