// hot_path loop|pipeline|fused|keyed RECORDS: the work of the benchmark of that name, once, on one thread.
// Run under callgrind it tells what a record costs in instructions, which noise does not move.

#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <string_view>

namespace {

struct record {
  std::uint64_t key;
  std::uint64_t time;
  double value;
  std::uint64_t payload[5];
};

void make(std::uint64_t i, record& r) {
  r = {i * 0x9e3779b97f4a7c15ULL >> 50U, i, static_cast<double>(i % 1024), {i, 0, 0, 0, 0}};
}

constexpr auto change = [](record& r) {
  std::uint64_t h = r.key ^ (r.time << 20U);
  for (int round = 0; round < 14; ++round) {
    h = (h ^ (h >> 29U)) * 0xff51afd7ed558ccdULL;
    h ^= h >> 32U;
  }
  r.value *= 2;
  r.payload[1] = h;
};

constexpr auto wanted = [](const record& r) { return (r.payload[1] & 1U) != 0; };

struct source {
  std::uint64_t next = 0;
  std::uint64_t end = 0;
  weir::poll_result poll(weir::emitter<record>& out, std::size_t demand) {
    while (demand > 0 && next < end) {
      const auto room = out.prepare(std::min<std::uint64_t>(demand, end - next));
      for (record& r : room)
        make(next++, r);
      out.commit(room.size());
      demand -= room.size();
    }
    return next < end ? weir::poll_result::more() : weir::poll_result::end();
  }
};

struct totals {
  double sum = 0;
  void add(const record& r) { sum += r.value; }
  double result() const { return sum; }
};

double by_hand(std::uint64_t records) {
  double sum = 0;
  for (std::uint64_t i = 0; i < records; ++i) {
    record r;
    make(i, r);
    change(r);
    if (wanted(r))
      sum += r.value;
  }
  return sum;
}

double with_weir(std::string_view how, std::uint64_t records) {
  double sum = 0;
  const auto add = [&sum](const record& r) { sum += r.value; };
  weir::workflow w{"hot path"};
  auto made = w.from("source", source{0, records});
  if (how == "pipeline")
    made.update("change", change).filter("wanted", wanted).to("sum", add);
  else if (how == "fused")
    made.update("all", change).filter(wanted).to(add);
  else
    made.key_by(&record::key).aggregate("totals", totals{}).to("sum", [&sum](const double& total) {
      sum += total;
    });
  return weir::run(w, {.threads = 1}).ok() ? sum : -1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  const std::string_view how = argv[1];
  const std::uint64_t records = std::strtoull(argv[2], nullptr, 10);
  const double sum = how == "loop" ? by_hand(records) : with_weir(how, records);
  std::printf("%.0f\n", sum);
  return sum < 0 ? 1 : 0;
}
