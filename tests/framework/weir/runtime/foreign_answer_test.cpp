// What a worker in another process answers may be anything: what is not about its task costs the worker, as
// if it had crashed at that task, and the run goes on.

#include <tests/framework/weir/runtime/runs.hpp>

#include <weir/runtime/remote_places.hpp>
#include <weir/runtime/worker_thread.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir::detail;
using namespace weir_tests;

namespace {

using lie = std::function<void(answer&, const task&)>;

/// A worker that keeps all records for itself, and lies once.
class liar final : public worker_handle {
 public:
  liar(remote_places::worker_order who, std::shared_ptr<answer_gate> to, std::shared_ptr<lie> once)
      : who_(std::move(who)), to_(std::move(to)), once_(std::move(once)) {}
  void submit(task t) override {
    answer a;
    a.worker = who_.worker;
    a.incarnation = who_.incarnation;
    a.task = t.id;
    a.kind = t.kind;
    a.outputs.resize(1);
    if (t.kind == task_kind::run) {
      a.next = t.end;
      a.filtered = t.end - t.begin;
      if (const lie tell = std::exchange(*once_, {}))
        tell(a, t);
    }
    to_->put(std::move(a));
  }
  std::shared_ptr<watched_call> call() const override { return call_; }

 private:
  remote_places::worker_order who_;
  std::shared_ptr<answer_gate> to_;
  std::shared_ptr<lie> once_;
  std::shared_ptr<watched_call> call_ = std::make_shared<watched_call>();
};

class one_place final : public remote_places {
 public:
  explicit one_place(lie once) : once_(std::make_shared<lie>(std::move(once))) {}
  bool spreads(std::uint32_t node) const override { return node == 1; }
  std::uint32_t workers_here(std::uint32_t /*node*/) const override { return 0; }
  std::vector<offer> places(std::uint32_t /*node*/) const override { return {{{1, 0}, false}}; }
  void when_changed(std::function<void()> /*wake*/) override {}
  std::unique_ptr<worker_handle> start(remote_place /*at*/, worker_order what,
                                       std::shared_ptr<answer_gate> answers, lost_call /*lost*/) override {
    return std::make_unique<liar>(std::move(what), std::move(answers), once_);
  }
  void closed(std::uint32_t /*node*/, remote_place /*at*/) override {}

 private:
  std::shared_ptr<lie> once_;
};

run_result told(lie once) {
  workflow w{"lies"};
  collected<int> got;
  w.from("numbers", from_range(count_to(1'000)))
      .map("work", plus_one, node_options{.workers = {2}})
      .to("kept", got.sink());
  engine e{{.threads = 2}};
  return end_of(e.start(w, {.elsewhere = std::make_shared<one_place>(std::move(once))}));
}

void check_worker_replaced(const run_result& r) {
  CHECK(r.status == run_status::completed);
  REQUIRE(r.dead_letters == 1); // its first task is one record, which is not tried again
  CHECK(r.last_dead_letters[0].kind == failure_kind::crash);
  CHECK(r.node("work").received == 1'000);
  CHECK(r.node("work").filtered == 999);
  CHECK(r.node("work").restarts == 1);
}

} // namespace

TEST_CASE("a worker elsewhere that is honest is not replaced") {
  const auto r = told([](answer&, const task&) {});
  CHECK(r.status == run_status::completed);
  CHECK(r.node("work").filtered == 1'000);
  CHECK(r.node("work").restarts == 0);
}

TEST_CASE("an answer that goes on behind the end of its task costs the worker") {
  check_worker_replaced(told([](answer& a, const task& t) { a.next = t.end + 1; }));
}

TEST_CASE("an answer with a failure of a record that its task does not have costs the worker") {
  check_worker_replaced(told([](answer& a, const task& t) {
    a.filtered = 0;
    a.failures.push_back({t.end, failure_kind::error, permanent("no such record")});
  }));
}

TEST_CASE("an answer with more failures than records costs the worker") {
  check_worker_replaced(told([](answer& a, const task& t) {
    a.filtered = 0;
    for (auto i = t.begin; i <= t.end; ++i)
      a.failures.push_back({t.begin, failure_kind::error, permanent("again")});
  }));
}

TEST_CASE("an answer that ends before its task begins costs the worker") {
  check_worker_replaced(told([](answer& a, const task& t) {
    a.next = t.begin - 1; // or behind its end, where it begins at 0
  }));
}
