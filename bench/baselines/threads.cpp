#include <bench/baselines/threads.hpp>

#include <bench/baselines/ring.hpp>
#include <bench/baselines/steps.hpp>

#include <algorithm>
#include <bit>
#include <memory>
#include <thread>
#include <vector>

namespace weir::bench {

namespace {

/// Records [first, end) through the pipeline, batch by batch.
totals batch_loop(std::uint64_t first, std::uint64_t end, std::size_t batch) {
  buffer b{batch};
  totals t;
  for (std::uint64_t i = first; i < end; i += batch) {
    fill(b, i, std::min<std::uint64_t>(batch, end - i));
    mix_all(b);
    compact(b);
    add_all(t, b);
  }
  return t;
}

totals hard_loop(std::uint64_t first, std::uint64_t end) {
  totals t;
  for (std::uint64_t i = first; i < end; ++i) {
    record r;
    make_record(i, r);
    work_hard(r);
    t.add(r);
  }
  return t;
}

/// work(first, end) for each half at once.
template <class Work>
timed_totals two_halves(std::uint64_t records, Work half) {
  const stopwatch watch;
  totals other;
  std::thread second{[&] { other = half(records / 2, records); }};
  totals t = half(0, records / 2);
  second.join();
  t.add(other);
  return {t, watch.seconds()};
}

/// Batches from one thread to another, and empty back; all made in advance.
struct lane {
  explicit lane(batching b) : full(slots(b)), empty(slots(b)) {
    for (std::size_t i = 0; i < b.window; ++i) {
      made.push_back(std::make_unique<buffer>(b.records));
      empty.push(made.back().get());
    }
  }
  static std::size_t slots(batching b) { return std::bit_ceil(b.window); }
  std::vector<std::unique_ptr<buffer>> made;
  ring<buffer*> full;
  ring<buffer*> empty;
};

/// take(batch) for every batch of the lane.
template <class Take>
void empty_lane(lane& from, Take take) {
  for (bool more = true; more;) {
    buffer* const b = from.full.pop();
    more = !b->last;
    take(*b);
    from.empty.push(b);
  }
}

/// fill(batch, first, n) for all records.
template <class Fill>
void fill_lane(lane& to, std::uint64_t records, std::size_t batch, Fill make) {
  for (std::uint64_t i = 0; i < records; i += batch) {
    buffer* const b = to.empty.pop();
    make(*b, i, std::min<std::uint64_t>(batch, records - i));
    b->last = i + batch >= records;
    to.full.push(b);
  }
}

totals windows_of(lane& from) {
  totals t;
  key_windows windows;
  empty_lane(from, [&](buffer& b) {
    const record* const r = b.data();
    for (std::size_t i = 0; i < b.size; ++i)
      windows.add(r[i], [&t](const window_sum& w) { add_window(t, w); });
  });
  return t;
}

} // namespace

timed_totals pipeline_loop(std::uint64_t records) {
  const stopwatch watch;
  totals t;
  for (std::uint64_t i = 0; i < records; ++i) {
    record r;
    make_record(i, r);
    mix(r);
    if (keep(r))
      t.add(r);
  }
  return {t, watch.seconds()};
}

timed_totals pipeline_batch_loop(std::uint64_t records, std::size_t batch) {
  const stopwatch watch;
  const totals t = batch_loop(0, records, batch);
  return {t, watch.seconds()};
}

timed_totals pipeline_two_loops(std::uint64_t records, std::size_t batch) {
  return two_halves(
      records, [batch](std::uint64_t first, std::uint64_t end) { return batch_loop(first, end, batch); });
}

timed_totals pipeline_ring(std::uint64_t records, batching b, bool branch) {
  lane between{b};
  const stopwatch watch;
  totals t;
  std::thread second{[&] {
    empty_lane(between, [&](buffer& full) {
      branch ? compact_if(full) : compact(full);
      add_all(t, full);
    });
  }};
  fill_lane(between, records, b.records, [](buffer& empty, std::uint64_t first, std::uint64_t n) {
    fill(empty, first, n);
    mix_all(empty);
  });
  second.join();
  return {t, watch.seconds()};
}

timed_totals farm_loop(std::uint64_t records) {
  const stopwatch watch;
  const totals t = hard_loop(0, records);
  return {t, watch.seconds()};
}

timed_totals farm_two_loops(std::uint64_t records) { return two_halves(records, hard_loop); }

timed_totals window_loop(std::uint64_t records) {
  const stopwatch watch;
  totals t;
  key_windows windows;
  for (std::uint64_t i = 0; i < records; ++i) {
    record r;
    make_record(i, r);
    windows.add(r, [&t](const window_sum& w) { add_window(t, w); });
  }
  return {t, watch.seconds()};
}

timed_totals window_batch_loop(std::uint64_t records, std::size_t batch) {
  const stopwatch watch;
  totals t;
  key_windows windows;
  buffer b{batch};
  for (std::uint64_t i = 0; i < records; i += batch) {
    fill(b, i, std::min<std::uint64_t>(batch, records - i));
    for (std::size_t j = 0; j < b.size; ++j)
      windows.add(b.data()[j], [&t](const window_sum& w) { add_window(t, w); });
  }
  return {t, watch.seconds()};
}

timed_totals window_ring(std::uint64_t records, batching b) {
  lane between{b};
  const stopwatch watch;
  totals t;
  std::thread second{[&] { t = windows_of(between); }};
  fill_lane(between, records, b.records, fill);
  second.join();
  return {t, watch.seconds()};
}

timed_totals keyed_rings(std::uint64_t records, batching b) {
  lane lanes[2] = {lane{b}, lane{b}};
  const stopwatch watch;
  totals out[2];
  std::thread workers[2];
  for (int w = 0; w < 2; ++w)
    workers[w] = std::thread{[&, w] { out[w] = windows_of(lanes[w]); }};
  buffer* open[2] = {};
  const auto take = [&](int w) {
    open[w] = lanes[w].empty.pop();
    open[w]->size = 0;
    open[w]->last = false;
  };
  take(0);
  take(1);
  for (std::uint64_t next = 0; next < records;) {
    next = fill_by_key(*open[0], *open[1], next, records);
    for (int w = 0; w < 2 && next < records; ++w)
      if (open[w]->size == open[w]->capacity()) {
        lanes[w].full.push(open[w]);
        take(w);
      }
  }
  for (int w = 0; w < 2; ++w) {
    open[w]->last = true;
    lanes[w].full.push(open[w]);
  }
  for (auto& w : workers)
    w.join();
  out[0].add(out[1]);
  return {out[0], watch.seconds()};
}

} // namespace weir::bench
