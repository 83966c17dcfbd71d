#include <weir/cluster/hosted_workers.hpp>

#include <weir/cluster/work_wire.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace weir::cluster {

using detail::decode_order;
using detail::decode_task;
using detail::encode_answer;

namespace {

struct movable_node {
  std::uint32_t index; ///< in this process's workflow
  std::string id;
  const record_type* input;
};

} // namespace

struct hosted_workers::state : std::enable_shared_from_this<state> {
  struct worker {
    std::unique_ptr<detail::worker_handle> handle;
    std::shared_ptr<detail::answer_gate> answers;
    const movable_node* node = nullptr;
    bool pack_answers = false;
    struct task {
      std::size_t bytes;
      std::uint32_t begin;
    };
    std::deque<task> tasks; ///< in hand
  };

  state(std::shared_ptr<detail::run_state> r, const workflow& w, worker_floor f, hosted_workers_options o)
      : run(std::move(r)), floor(std::move(f)), most_in_hand(o.most_in_hand),
        session(std::move(o.identity), std::move(o.host), o.seeds, o.membership, o.limits, o.seed) {
    for (const auto index : movable_nodes(w)) {
      const named_node& n = w.nodes()[index];
      nodes.push_back({index, n.id, n.definition.input});
    }
  }

  void told_to_write() const {
    if (writing)
      writing();
  }

  // Under the mutex.

  /// Workers that are let go of end outside of it: their destructors may call into user code's stop.
  using let_go = std::vector<worker>;

  void say(bytes message) {
    if (waiting.empty() && session.send(std::move(message)))
      return;
    // A session that refuses a message leaves it as it was. Bounded by what is in hand.
    waiting.push_back(std::move(message)); // NOLINT(bugprone-use-after-move)
  }
  void gone(std::uint64_t number, failure_kind kind, std::uint32_t current, error why, let_go& out) {
    const auto found = workers.find(number);
    if (found == workers.end())
      return;
    say(encode(worker_gone{number, kind, current, std::move(why)}));
    drop(found, out);
  }
  void drop(std::map<std::uint64_t, worker>::iterator at, let_go& out) {
    for (const auto& t : at->second.tasks)
      in_hand -= t.bytes;
    out.push_back(std::move(at->second));
    workers.erase(at);
  }
  void drop_all(let_go& out) {
    while (!workers.empty())
      drop(workers.begin(), out);
    waiting.clear();
  }

  void begin(const begin_worker& m, let_go& out) {
    auto order = m.movable < nodes.size()
                     ? decode_order(m.order)
                     : result<detail::remote_places::worker_order>{
                           permanent("an order for a node that this host does not know", "cluster")};
    if (!order)
      return say(encode(worker_gone{m.number, failure_kind::crash, detail::no_index, order.error()}));
    const movable_node& n = nodes[m.movable];
    worker w;
    w.node = &n;
    w.pack_answers = m.pack_answers;
    w.answers =
        std::make_shared<detail::answer_gate>([weak = weak_from_this(), number = m.number](detail::answer a) {
          if (const auto self = weak.lock())
            self->answered(number, std::move(a));
        });
    try {
      auto setup = detail::make_worker_setup_elsewhere(*run, n.index);
      setup->node = order->node; // what it makes at the end is numbered as there
      setup->timed = m.timeout.count() > 0;
      setup->rebuild_on_throw = m.rebuild_on_throw;
      setup->stop_at_first_failure = m.ordered || m.rebuild_on_throw;
      auto core = std::make_unique<detail::worker_core>(std::move(setup), order->worker, order->incarnation,
                                                        std::move(order->last_crash));
      const auto call = core->call();
      w.handle = floor.start(std::move(core), w.answers);
      if (m.timeout.count() > 0)
        floor.watch(call, m.timeout, m.grace, [weak = weak_from_this(), number = m.number, t = m.timeout] {
          if (const auto self = weak.lock())
            self->hung(number, t);
        });
    } catch (...) { // no more threads, no memory
      return say(encode(worker_gone{m.number, failure_kind::crash, detail::no_index,
                                    error_from(std::current_exception())}));
    }
    if (!workers.try_emplace(m.number, std::move(w)).second)
      out.push_back(std::move(w));
  }

  void give(const give_task& m, let_go& out) {
    const auto found = workers.find(m.number);
    if (found == workers.end())
      return; // it is gone: the coordinator has been told
    worker& w = found->second;
    bytes storage;
    const auto body = unpack(m.task, most_message, storage);
    auto t =
        body ? decode_task(*body, w.node->input, run->budget) : result<detail::arrived_task>{body.error()};
    if (!t)
      return gone(m.number, failure_kind::crash, detail::no_index, t.error(), out);
    w.tasks.push_back({body->size(), t->begin});
    in_hand += body->size();
    w.handle->submit(std::move(t->what));
  }

  void settle(let_go& out) {
    for (bool again = true; again;) {
      again = false;
      for (; !session.events().empty(); session.events().pop_front()) {
        host_event& e = session.events().front();
        if (e.what == host_event::kind::lost || e.what == host_event::kind::ended ||
            e.what == host_event::kind::joined)
          drop_all(out);
        events.push_back(std::move(e));
      }
      while (in_hand < most_in_hand) {
        auto message = session.take();
        if (!message)
          break;
        const auto read = decode_work(*message);
        if (!read)
          continue; // a coordinator of this build writes none
        if (const auto* const b = std::get_if<begin_worker>(&*read))
          begin(*b, out);
        else if (const auto* const t = std::get_if<give_task>(&*read))
          give(*t, out);
        else if (const auto* const e = std::get_if<end_worker>(&*read))
          if (const auto found = workers.find(e->number); found != workers.end())
            drop(found, out);
      }
      while (!waiting.empty() && session.send(std::move(waiting.front())))
        waiting.pop_front();
      again = !session.events().empty();
    }
    session.busy_workers(busy());
  }
  std::uint32_t busy() const {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(workers, [](const auto& w) { return !w.second.tasks.empty(); }));
  }

  /// The record it is at, as the coordinator counts.
  static std::uint32_t current_of(const worker& w) {
    const auto at = w.handle->call()->current.load(std::memory_order_relaxed);
    return at == detail::no_index || w.tasks.empty() ? at : at + w.tasks.front().begin;
  }

  // From threads of workers and of the watchdog.

  void answered(std::uint64_t number, detail::answer a) {
    let_go out;
    {
      std::unique_lock lock{mutex};
      const auto found = workers.find(number);
      if (found == workers.end())
        return;
      const movable_node& n = *found->second.node;
      const auto& tasks = found->second.tasks;
      const std::uint32_t begin = tasks.empty() ? 0 : tasks.front().begin;
      if (a.died) {
        gone(number, failure_kind::crash, current_of(found->second), std::move(*a.died), out);
      } else {
        const bool packs = found->second.pack_answers;
        lock.unlock(); // to write it down takes a while
        auto body = encode_answer(a, begin);
        bytes storage;
        bytes message =
            body ? encode(worker_said{number, packs ? pack(*body, storage) : packed_body{.bytes = *body}})
                 : bytes{};
        lock.lock();
        const auto still = workers.find(number);
        if (still == workers.end())
          return;
        worker& w = still->second;
        if (!w.tasks.empty()) {
          in_hand -= w.tasks.front().bytes;
          w.tasks.pop_front();
        }
        if (!body)
          gone(number, failure_kind::error, detail::no_index, body.error(), out);
        else if (message.size() > most_message)
          gone(number, failure_kind::overflow, detail::no_index,
               permanent("an answer of " + std::to_string(message.size()) + " bytes is too large to be sent",
                         "node '" + n.id + "'", "make batch_size or the records smaller"),
               out);
        else
          say(std::move(message));
      }
    }
    told_to_write();
  }

  void hung(std::uint64_t number, duration timeout) {
    let_go out;
    {
      const std::lock_guard lock{mutex};
      const auto found = workers.find(number);
      if (found == workers.end())
        return;
      run->abandoned.fetch_add(1);
      const auto current = current_of(found->second);
      found->second.handle->abandon();
      gone(number, failure_kind::timeout, current,
           transient("the worker did not return within its timeout of " + to_text(timeout)), out);
    }
    told_to_write();
  }

  std::shared_ptr<detail::run_state> run;
  worker_floor floor;
  std::size_t most_in_hand;
  std::size_t most_message = 0;
  std::vector<movable_node> nodes;
  std::function<void()> writing;
  mutable std::mutex mutex;
  host_session session;
  std::map<std::uint64_t, worker> workers; ///< by number
  std::deque<bytes> waiting;               ///< the link has no room for it
  std::deque<host_event> events;
  std::size_t in_hand = 0;
};

hosted_workers::hosted_workers(std::shared_ptr<detail::run_state> run, const workflow& w, worker_floor floor,
                               hosted_workers_options options) {
  const auto most = options.limits.max_message;
  state_ = std::make_shared<state>(std::move(run), w, std::move(floor), std::move(options));
  state_->most_message = most;
}

hosted_workers::~hosted_workers() {
  state::let_go out;
  const std::lock_guard lock{state_->mutex};
  state_->drop_all(out);
  state_->writing = nullptr;
}

void hosted_workers::when_writing(std::function<void()> call) { state_->writing = std::move(call); }

template <class Event>
void hosted_workers::bring(Event event) {
  state::let_go out;
  const std::lock_guard lock{state_->mutex};
  event(state_->session);
  state_->settle(out);
}

void hosted_workers::link_opened(link_id link, time_point now) {
  bring([&](host_session& s) { s.opened(link, now); });
}
void hosted_workers::unreachable(error why, time_point now) {
  bring([&](host_session& s) { s.unreachable(std::move(why), now); });
}
void hosted_workers::link_closed(link_id link, time_point now) {
  bring([&](host_session& s) { s.closed(link, now); });
}
void hosted_workers::received(link_id link, std::shared_ptr<const bytes> frame, time_point now) {
  bring([&](host_session& s) { s.received(link, std::move(frame), now); });
}
void hosted_workers::look(time_point now) {
  bring([&](host_session& s) { s.look(now); });
}
void hosted_workers::go_on(time_point) {
  bring([](host_session&) {});
}
void hosted_workers::leave(time_point now) {
  bring([&](host_session& s) { s.leave_cluster(now); });
}

time_point hosted_workers::due() const {
  const std::lock_guard lock{state_->mutex};
  return state_->session.due();
}
std::optional<std::size_t> hosted_workers::to_connect() {
  const std::lock_guard lock{state_->mutex};
  return state_->session.to_connect();
}
std::deque<session_write> hosted_workers::take_writes() {
  const std::lock_guard lock{state_->mutex};
  return std::exchange(state_->session.writes(), {});
}
std::deque<host_event> hosted_workers::take_events() {
  const std::lock_guard lock{state_->mutex};
  return std::exchange(state_->events, {});
}
bool hosted_workers::joined() const {
  const std::lock_guard lock{state_->mutex};
  return state_->session.membership().joined();
}
bool hosted_workers::ended() const {
  const std::lock_guard lock{state_->mutex};
  return state_->session.membership().ended();
}
hosted_workers::load hosted_workers::workers() const {
  const std::lock_guard lock{state_->mutex};
  return {static_cast<std::uint32_t>(state_->workers.size()), state_->busy()};
}

std::optional<error> hosted_workers::worn_out() const {
  const auto left = state_->run->abandoned.load();
  if (left <= state_->run->settings.max_abandoned_workers)
    return std::nullopt;
  return permanent(std::to_string(left) + " workers did not return and were left behind", "this host",
                   "find out why their calls hang, or isolate them");
}

} // namespace weir::cluster
