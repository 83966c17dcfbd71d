#include <weir/runtime/process/worker_process.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/runtime/process/frames.hpp>
#include <weir/runtime/run_state.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::detail {

namespace {

using namespace std::chrono_literals;

/// What the handle, the call and the thread of one worker share.
class link {
 public:
  link(process_nursery::child child, std::unique_ptr<shared_page> page)
      : child_(std::move(child)), page_(std::move(page)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_.get() < 0)
      throw std::runtime_error("no descriptor left for a worker process");
  }

  void put(frame_kind kind, std::vector<std::byte> body) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back({kind, std::move(body), {}});
    tell();
  }
  void give(task t) {
    const std::lock_guard lock{mutex_};
    in_hand_.push_back({t.id, t.begin});
    waiting_.push_back({frame_kind::task, {}, std::move(t)});
    tell();
  }
  void end() {
    const std::lock_guard lock{mutex_};
    ending_ = true;
    tell();
  }
  bool ending() {
    const std::lock_guard lock{mutex_};
    return ending_;
  }

  struct message {
    frame_kind kind;
    std::vector<std::byte> body;
    task what; ///< of a task, which the thread writes down
  };
  std::deque<message> take() {
    std::uint64_t times = 0;
    while (::read(wake_.get(), &times, sizeof times) > 0) {
    }
    const std::lock_guard lock{mutex_};
    return std::exchange(waiting_, {});
  }
  void answered() {
    const std::lock_guard lock{mutex_};
    if (!in_hand_.empty())
      in_hand_.pop_front();
  }
  /// The record that the child is at, as its batch counts; no_index between records and tasks.
  std::uint32_t current() {
    const auto at = (*page_)->marks.current.load(std::memory_order_relaxed);
    const auto id = (*page_)->task.load();
    const std::lock_guard lock{mutex_};
    for (const auto& t : in_hand_)
      if (t.id == id)
        return at == no_index ? no_index : at + t.begin;
    return no_index;
  }
  child_page& page() noexcept { return **page_; }
  const process_nursery::child& child() const noexcept { return child_; }
  int wake() const noexcept { return wake_.get(); }

 private:
  struct handed {
    std::uint64_t id;
    std::uint32_t begin;
  };
  void tell() {
    const std::uint64_t once = 1;
    if (::write(wake_.get(), &once, sizeof once) < 0) {
      // It is full of wake-ups.
    }
  }
  process_nursery::child child_;
  std::unique_ptr<shared_page> page_;
  owned_descriptor wake_;
  std::mutex mutex_;
  std::deque<message> waiting_;
  std::deque<handed> in_hand_;
  bool ending_ = false;
};

/// The call that the child is in, seen through the page.
class process_call final : public watched_call {
 public:
  explicit process_call(std::shared_ptr<link> to) : to_(std::move(to)) {}
  seen look() override {
    const child_page& page = to_->page();
    seen s;
    s.running = page.running.load();
    s.by_record = page.by_record.load();
    s.number = page.calls.load();
    s.index = page.marks.current.load(std::memory_order_relaxed);
    current.store(to_->current(), std::memory_order_relaxed);
    return s;
  }
  std::stop_source ask(const seen& at) override {
    to_->put(frame_kind::stop, stop_frame(at.number, at.index)); // the child looks whether it is still so
    return std::stop_source{std::nostopstate};
  }
  bool give_up(const seen& at) override {
    const seen now = look();
    return now.running && now.number == at.number;
  }

 private:
  std::shared_ptr<link> to_;
};

class process_handle final : public worker_handle {
 public:
  process_handle(std::shared_ptr<link> to, std::shared_ptr<process_call> call,
                 std::shared_ptr<process_nursery> nursery)
      : to_(std::move(to)), call_(std::move(call)), nursery_(std::move(nursery)) {}
  ~process_handle() override { to_->end(); }
  void submit(task t) override { to_->give(std::move(t)); }
  std::shared_ptr<watched_call> call() const override { return call_; }
  bool abandon() override {
    nursery_->kill(to_->child().id);
    return false;
  }

 private:
  std::shared_ptr<link> to_;
  std::shared_ptr<process_call> call_;
  std::shared_ptr<process_nursery> nursery_;
};

/// Reads answers and writes tasks, until the child is gone.
class porter {
 public:
  porter(std::shared_ptr<run_state> run, remote_places::worker_order who, std::shared_ptr<link> to,
         std::shared_ptr<process_call> call, std::shared_ptr<answer_gate> answers,
         std::function<void(failure_kind, error)> lost)
      : run_(std::move(run)), who_(std::move(who)), to_(std::move(to)), call_(std::move(call)),
        answers_(std::move(answers)), lost_(std::move(lost)) {
    const node_definition& d = run_->nodes[who_.node].definition;
    for (const auto& port : d.made_ports())
      outputs_.push_back(port.type);
  }

  void run() {
    std::optional<std::chrono::steady_clock::time_point> kill_at;
    bool shut = false;
    while (!gone_) {
      const bool ending = to_->ending();
      if (ending && !shut) { // what it is at is wanted no more; its objects end in their own time
        ::shutdown(to_->child().socket.get(), SHUT_WR);
        shut = true;
        out_.clear();
        kill_at = std::chrono::steady_clock::now() + patience;
      }
      if (kill_at && std::chrono::steady_clock::now() >= *kill_at) {
        run_->nursery->kill(to_->child().id);
        kill_at.reset();
      }
      std::array<pollfd, 2> watched{
          {{to_->child().socket.get(), static_cast<short>(POLLIN | (out_.empty() ? 0 : POLLOUT)), 0},
           {to_->wake(), POLLIN, 0}}};
      ::poll(watched.data(), watched.size(), kill_at ? 100 : -1);
      if (watched[1].revents != 0)
        collect(shut);
      if (!shut)
        write();
      if (watched[0].revents != 0)
        read();
    }
    finish();
  }

 private:
  static constexpr auto patience = 2s; ///< with the end of user code, before it is killed

  void collect(bool shut) {
    for (auto& m : to_->take()) {
      if (shut)
        continue;
      if (m.kind == frame_kind::task) {
        auto body = encode_task(m.what);
        if (!body) {
          refuse(m.what, body.error());
          continue;
        }
        m.body = *std::move(body);
      }
      std::vector<std::byte> head(frame_head);
      put_frame_head(head.data(), m.kind, m.body.size());
      out_.push_back(std::move(head));
      if (!m.body.empty())
        out_.push_back(std::move(m.body));
    }
  }
  /// A task that cannot be written down fails as a whole.
  void refuse(const task& t, error why) {
    answer a;
    a.worker = who_.worker;
    a.incarnation = who_.incarnation;
    a.task = t.id;
    a.kind = t.kind;
    a.outputs.resize(outputs_.size());
    a.whole = std::move(why);
    a.next = t.end;
    a.ended = run_->time->now();
    to_->answered();
    answers_->put(std::move(a));
  }
  void write() {
    while (!out_.empty()) {
      const auto& first = out_.front();
      const auto sent = ::send(to_->child().socket.get(), first.data() + sent_, first.size() - sent_,
                               MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR)
          out_.clear(); // it is dead: reading tells
        return;
      }
      sent_ += static_cast<std::size_t>(sent);
      if (sent_ == first.size()) {
        out_.pop_front();
        sent_ = 0;
      }
    }
  }
  void read() {
    for (;;) {
      const auto room = in_.room();
      const auto got = ::recv(to_->child().socket.get(), room.data(), room.size(), MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (got <= 0) {
        gone_ = true;
        return;
      }
      in_.arrived(static_cast<std::size_t>(got));
      while (const auto f = in_.next())
        arrived(*f);
      if (in_.broken())
        broke("it wrote what no worker writes");
    }
  }
  void arrived(const frame_reader::frame& f) {
    if (f.kind == frame_kind::died) {
      said_ = std::string{reinterpret_cast<const char*>(f.body.data()), f.body.size()};
      return;
    }
    auto a = decode_answer(f.body, outputs_, run_->budget, run_->time->now());
    if (!a)
      return broke(a.error().message());
    a->worker = who_.worker;
    a->incarnation = who_.incarnation;
    to_->answered();
    answers_->put(*std::move(a));
  }
  void broke(std::string why) {
    if (!said_)
      said_ = std::move(why);
    run_->nursery->kill(to_->child().id);
  }

  void finish() {
    run_->nursery->end(to_->child().id);
    const bool wanted = to_->ending();
    child_end end{};
    const bool known = ::read(to_->child().status.get(), &end, sizeof end) == sizeof end;
    end.let_go |= to_->page().no_socket.load();
    // One that let go of its socket went on behind the record at fault.
    call_->current.store(end.let_go ? no_index : to_->current(), std::memory_order_relaxed);
    if (wanted)
      return;
    const auto& limits = run_->nodes[who_.node].definition.options.process;
    error why = known
                    ? words_of(end, to_->page().out_of_memory.load(), limits)
                    : permanent("the process that makes worker processes is gone", {}, "start the run again");
    if (said_ && !to_->page().out_of_memory.load())
      why = transient(*said_);
    lost_(failure_kind::crash, std::move(why));
  }

  std::shared_ptr<run_state> run_;
  remote_places::worker_order who_;
  std::shared_ptr<link> to_;
  std::shared_ptr<process_call> call_;
  std::shared_ptr<answer_gate> answers_;
  std::function<void(failure_kind, error)> lost_;
  std::vector<const record_type*> outputs_;
  std::deque<std::vector<std::byte>> out_;
  std::size_t sent_ = 0; ///< of the first
  frame_reader in_;
  std::optional<std::string> said_;
  bool gone_ = false;
};

} // namespace

std::unique_ptr<worker_handle> make_worker_process(std::shared_ptr<run_state> run,
                                                   remote_places::worker_order what,
                                                   std::shared_ptr<answer_gate> answers,
                                                   std::function<void(failure_kind, error)> lost) {
  auto page = std::make_unique<shared_page>();
  auto child = run->nursery->make(*page, run->nodes[what.node].definition.options.process);
  if (!child)
    throw std::runtime_error(child.error().message());
  auto to = std::make_shared<link>(*std::move(child), std::move(page));
  to->put(frame_kind::order, encode_order(what)); // before any task
  auto call = std::make_shared<process_call>(to);
  auto handle = std::make_unique<process_handle>(to, call, run->nursery);
  auto count = run->threads;
  count->began();
  try {
    auto work = std::make_unique<porter>(std::move(run), std::move(what), std::move(to), std::move(call),
                                         std::move(answers), std::move(lost));
    std::thread thread = signal_free_thread([work = std::move(work), count]() mutable {
      work->run();
      work.reset(); // nothing of the run is held when this thread counts itself out
      count->ended();
    });
    pthread_setname_np(thread.native_handle(), "weir.porter");
    thread.detach();
  } catch (...) {
    count->ended();
    throw;
  }
  return handle;
}

} // namespace weir::detail
