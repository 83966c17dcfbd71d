#include <tests/framework/weir/runtime/scheduler/job.hpp>
#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/slot_watch.hpp>

#include <atomic>

using weir::detail::slot_watch;
using weir_tests::await;

TEST_CASE("the watch looks while a worker is busy, rests when all are idle, and looks again when told") {
  std::atomic<bool> busy{true};
  std::atomic<int> looks{0};
  slot_watch watch{[&] {
    ++looks;
    return busy.load();
  }};
  await([&] { return looks > 30; }, "looks"); // more than it takes to rest when all is quiet
  CHECK_FALSE(watch.resting());
  busy = false;
  await([&] { return watch.resting(); }, "rest");
  busy = true;
  watch.keep_awake();
  const int before = looks;
  await([&] { return looks > before + 2; }, "looks again");
  watch.stop();
}

TEST_CASE("a watch that rests can be stopped") {
  std::atomic<int> looks{0};
  slot_watch watch{[&] {
    ++looks;
    return false;
  }};
  await([&] { return watch.resting(); }, "rest");
  watch.stop();
  const int after = looks;
  watch.keep_awake();
  CHECK(looks == after);
}

TEST_CASE("a worker that becomes busy while the watch falls asleep keeps it awake") {
  // The last look, after it has said that it rests, finds somebody busy.
  std::atomic<int> looks{0};
  std::atomic<slot_watch*> it{nullptr};
  std::atomic<bool> saw_itself_rest{false};
  slot_watch watch{[&] {
    ++looks;
    if (auto* const w = it.load(); w != nullptr && w->resting())
      saw_itself_rest = true;
    return saw_itself_rest.load();
  }};
  it = &watch;
  await([&] { return saw_itself_rest.load(); }, "its last look");
  const int before = looks;
  await([&] { return looks > before + 2; }, "looks");
  watch.stop();
}
