// A pool whose workers are on other hosts too: follows the places that come and go.

#include <weir/runtime/node_core_stage.hpp>
#include <weir/runtime/remote_places.hpp>

#include <algorithm>
#include <utility>

namespace weir::detail {

namespace {
constexpr std::uint32_t remote_depth = 4; ///< tasks of about 10 ms in the hands of a worker that is far away
}

bool node_core::spreads() const { return run_->remote && run_->remote->spreads(index_); }

/// Makes the worker anew where it is. Answers with its marks.
std::shared_ptr<call_marks> node_core::place_worker(stage& s, std::uint32_t worker, std::uint32_t incarnation,
                                                    std::optional<crash_report> last_crash) {
  if (s.places[worker]) {
    s.workers[worker] =
        host_.make_remote_worker(*s.places[worker], worker, incarnation, std::move(last_crash));
  } else {
    s.workers[worker] = make_handle(s, worker, incarnation, std::move(last_crash));
  }
  return s.workers[worker]->call();
}

void node_core::follow_places(stage& s) {
  for (std::uint32_t w = 0; w < s.workers.size(); ++w)
    if (s.places[w] && !s.work.vacant(w) && s.work.dismissed(w)) {
      run_->remote->closed(index_, *s.places[w]);
      s.work.vacate_worker(w);
      s.workers[w].reset();
    }
  const auto version = run_->remote->version();
  if (version == std::exchange(places_seen_, version) || !spreads())
    return;
  auto offers = run_->remote->places(index_);
  for (std::uint32_t w = 0; w < s.workers.size(); ++w) {
    if (!s.places[w] || s.work.vacant(w))
      continue;
    const auto found =
        std::ranges::find_if(offers, [&](const remote_places::offer& o) { return o.at == *s.places[w]; });
    if (found == offers.end()) {
      s.work.vacate_worker(w);
      s.workers[w].reset();
      continue;
    }
    if (found->closing) {
      s.work.dismiss_worker(w);
      if (s.work.vacant(w)) { // nothing was asked of it yet
        run_->remote->closed(index_, found->at);
        s.workers[w].reset();
      }
    }
    offers.erase(found);
  }
  if (s.work.input_ended() && s.work.in_hand() == 0)
    return;                      // nothing is left for them to do, and who joins must be waited for
  for (const auto& o : offers) { // those that are new
    if (o.closing) {
      run_->remote->closed(index_, o.at);
      continue;
    }
    std::uint32_t w = 0;
    while (w < s.workers.size() && !s.work.vacant(w))
      ++w;
    if (w < s.workers.size()) {
      s.places[w] = o.at;
      s.work.occupy_worker(w, place_worker(s, w, s.work.incarnation(w) + 1, {}));
    } else {
      s.workers.emplace_back();
      s.places.emplace_back(o.at);
      s.work.add_worker(w, place_worker(s, w, s.work.first_incarnation(), {}));
    }
    s.work.set_depth(w, remote_depth);
  }
}

} // namespace weir::detail
