#include <weir/runtime/node_tap.hpp>

#include <weir/base/result.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace weir::detail {

namespace {
constexpr std::size_t most_waiting_bytes = 256 * 1024; // of payloads, for one who does not take them

/// Of the bytes, so many that no UTF-8 sequence is cut.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
    --most;
  return most;
}
} // namespace

/// All of it is guarded by the node's tap.
class node_tap::looker final : public record_tap {
 public:
  looker(std::shared_ptr<node_tap> on, tap_options options) : on_(std::move(on)), options_(options) {
    options_.per_second = std::clamp(options_.per_second, 1U, 100U);
  }
  ~looker() override { on_->forget(this); }
  looker(const looker&) = delete;
  looker& operator=(const looker&) = delete;

  std::vector<tapped_record> take() override {
    const std::lock_guard lock{on_->mutex_};
    bytes_ = 0;
    return std::exchange(waiting_, {});
  }
  bool ended() const override {
    const std::lock_guard lock{on_->mutex_};
    return waiting_.empty() && (done() || on_->closed_);
  }

  bool done() const noexcept { return options_.limit > 0 && seen_ >= options_.limit; }
  /// How many of `n` records it wants now: the rate, with at most a tenth of a second's worth at once, so
  /// that one batch does not use up a second.
  std::size_t wants(std::size_t n, time_point now) {
    const double rate = options_.per_second;
    const double most = std::max(1.0, rate / 10);
    if (last_ == time_point{})
      credit_ = most;
    else
      credit_ = std::min(most, credit_ + rate * std::chrono::duration<double>(now - last_).count());
    last_ = now;
    std::size_t wanted = std::min(n, static_cast<std::size_t>(std::max(0.0, credit_)));
    if (options_.limit > 0)
      wanted = std::min<std::size_t>(wanted, options_.limit - std::min(options_.limit, seen_));
    if (waiting_.size() >= 2UL * options_.per_second || bytes_ >= most_waiting_bytes)
      wanted = 0;
    credit_ -= static_cast<double>(wanted);
    return wanted;
  }
  void give(tapped_record r) {
    ++seen_;
    bytes_ += r.payload.size();
    waiting_.push_back(std::move(r));
  }

 private:
  std::shared_ptr<node_tap> on_;
  tap_options options_;
  std::vector<tapped_record> waiting_;
  std::size_t bytes_ = 0;
  std::uint64_t seen_ = 0;
  double credit_ = 0;
  time_point last_{};
};

void node_tap::see(const batch& b, time_point now) {
  std::vector<std::pair<looker*, std::size_t>> wanted;
  std::size_t most = 0;
  {
    const std::lock_guard lock{mutex_};
    for (looker* one : lookers_) {
      wanted.emplace_back(one, one->wants(b.size(), now));
      most = std::max(most, wanted.back().second);
    }
  }
  std::vector<tapped_record> texts; // user code prints them: under no lock
  for (std::size_t i = 0; i < most; ++i)
    texts.push_back(text_of(b, static_cast<std::uint32_t>(i * b.size() / most))); // spread over the batch
  const std::lock_guard lock{mutex_};
  for (const auto& [one, n] : wanted)
    if (std::ranges::find(lookers_, one) != lookers_.end())
      for (std::size_t i = 0; i < n; ++i)
        one->give(texts[i]);
}

tapped_record node_tap::text_of(const batch& b, std::uint32_t index) const {
  tapped_record r;
  const auto id = b.id(index);
  r.id = to_string(id, name_of_(id.source));
  r.node = node_;
  r.time = std::chrono::system_clock::now();
  try {
    r.payload = b.type().payload(b.record(index));
  } catch (...) { // the author's own printing
    r.payload = "(not printable: " + error_from(std::current_exception()).what + ")";
  }
  if (r.payload.size() > record_tap::most_payload) {
    r.payload.resize(whole_characters(r.payload, record_tap::most_payload));
    r.payload.shrink_to_fit();
    r.truncated = true;
  }
  return r;
}

std::shared_ptr<record_tap> node_tap::open(tap_options options) {
  if (taps_->fetch_add(1) >= most_taps) {
    taps_->fetch_sub(1);
    return nullptr;
  }
  auto made = std::make_shared<looker>(shared_from_this(), options);
  const std::lock_guard lock{mutex_};
  lookers_.push_back(made.get());
  on_.store(!closed_, std::memory_order_relaxed);
  return made;
}

void node_tap::forget(const looker* gone) {
  const std::lock_guard lock{mutex_};
  std::erase(lookers_, gone);
  taps_->fetch_sub(1);
  if (lookers_.empty())
    on_.store(false, std::memory_order_relaxed);
}

void node_tap::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  on_.store(false, std::memory_order_relaxed);
}

} // namespace weir::detail
