#include <weir/cluster/remote_link.hpp>

#include <algorithm>
#include <utility>

namespace weir::cluster {

namespace {

error broken_rule(std::string what) {
  return permanent("the peer " + std::move(what), "remote link", "is it the same build of Weir?");
}

} // namespace

remote_link::remote_link(membership_id id, link_limits limits)
    : id_(id), limits_(limits), may_frames_(limits.window_frames), may_bytes_(limits.window_bytes),
      granted_frames_(limits.window_frames), granted_bytes_(limits.window_bytes) {}

result<> remote_link::send(bytes&& message) {
  if (message.empty() || message.size() > limits_.max_message)
    return permanent(
        "a message of " + std::to_string(message.size()) + " bytes cannot be sent to another host",
        "remote link",
        "at most " + std::to_string(limits_.max_message) + " bytes: make records or batches smaller");
  if (queued_ + message.size() > limits_.max_queued)
    return transient(std::to_string(queued_) + " bytes wait to be sent already", "remote link");
  queued_ += message.size();
  queue_.push_back(std::make_shared<const bytes>(std::move(message)));
  return {};
}

void remote_link::attach(bool resumed) {
  attached_ = true;
  waits_for_peer_ = resumed;
  repeat_ = 0;
  acknowledge_ = true; // the first frame says what is here already
}

std::uint64_t remote_link::grant_frames() const noexcept {
  // A message in pieces counts when it is complete: else one larger than the window would never be.
  const auto room = limits_.window_frames - std::min(limits_.window_frames, inbox_frames_);
  return std::max(granted_frames_, received_ + room);
}

std::uint64_t remote_link::grant_bytes() const noexcept {
  const auto room = limits_.window_bytes - std::min<std::uint64_t>(limits_.window_bytes, inbox_bytes_);
  return std::max(granted_bytes_, received_bytes_ + room);
}

void remote_link::stamp(link_frame& frame) {
  frame.id = id_;
  frame.acknowledged = acknowledged_ = received_;
  frame.may_frames = granted_frames_ = grant_frames();
  frame.may_bytes = granted_bytes_ = grant_bytes();
  acknowledge_ = false;
}

link_frame remote_link::frame_of(const chunk& c) {
  link_frame frame;
  stamp(frame);
  frame.sequence = c.sequence;
  frame.last = c.last;
  frame.of = c.of;
  frame.offset = c.offset;
  frame.size = c.size;
  figures_.bytes_sent += c.size;
  return frame;
}

std::optional<link_frame> remote_link::next() {
  if (!attached_)
    return std::nullopt;
  if (waits_for_peer_) { // says only what came; the peer answers what came of ours
    if (!acknowledge_)
      return std::nullopt;
    link_frame frame;
    stamp(frame);
    return frame;
  }
  if (repeat_ < kept_.size()) {
    ++figures_.frames_repeated;
    return frame_of(kept_[repeat_++]);
  }
  if (!queue_.empty()) {
    const auto& first = queue_.front();
    const std::size_t size = std::min(limits_.chunk, first->size() - cut_);
    // The peer may grant what it likes: no more is kept for it than the window.
    if (sent_ < may_frames_ && sent_bytes_ + size <= may_bytes_ && kept_.size() < limits_.window_frames &&
        kept_bytes_ + size <= limits_.window_bytes) {
      sent_bytes_ += size;
      kept_bytes_ += size;
      queued_ -= size;
      const bool last = cut_ + size == first->size();
      kept_.push_back({first, cut_, size, last, ++sent_, sent_bytes_});
      repeat_ = kept_.size();
      cut_ += size;
      if (last) {
        ++figures_.messages_sent;
        queue_.pop_front();
        cut_ = 0;
      }
      return frame_of(kept_.back());
    }
  }
  if (!acknowledge_)
    return std::nullopt;
  link_frame frame;
  stamp(frame);
  return frame;
}

result<> remote_link::acknowledged(const link_frame& frame) {
  if (frame.acknowledged > sent_)
    return broken_rule("acknowledged chunk " + std::to_string(frame.acknowledged) + ", " +
                       std::to_string(sent_) + " were sent");
  while (!kept_.empty() && kept_.front().sequence <= frame.acknowledged) {
    kept_bytes_ -= kept_.front().size;
    kept_.pop_front();
    repeat_ -= std::min<std::size_t>(repeat_, 1);
  }
  may_frames_ = std::max(may_frames_, frame.may_frames);
  may_bytes_ = std::max(may_bytes_, frame.may_bytes);
  if (std::exchange(waits_for_peer_, false))
    repeat_ = 0;
  return {};
}

void remote_link::note_progress() noexcept {
  acknowledge_ = acknowledge_ || received_ - acknowledged_ >= limits_.window_frames / 4 ||
                 grant_frames() - granted_frames_ >= limits_.window_frames / 4 ||
                 grant_bytes() - granted_bytes_ >= limits_.window_bytes / 4;
}

result<> remote_link::receive(const link_frame& frame) {
  if (frame.id != id_)
    return {}; // of another life: fenced
  if (auto ok = acknowledged(frame); !ok)
    return ok;
  if (frame.sequence == 0)
    return {};
  if (frame.sequence <= received_) {
    ++figures_.duplicates;
    acknowledge_ = true;
    return {};
  }
  if (frame.sequence != received_ + 1)
    return broken_rule("sent chunk " + std::to_string(frame.sequence) + " after chunk " +
                       std::to_string(received_));
  if (frame.size == 0 || frame.size > limits_.chunk)
    return broken_rule("sent a chunk of " + std::to_string(frame.size) + " bytes");
  if (frame.sequence > granted_frames_ || received_bytes_ + frame.size > granted_bytes_)
    return broken_rule("sent more than it was granted");
  if (partial_.size() + frame.size > limits_.max_message)
    return broken_rule("sent a message of more than " + std::to_string(limits_.max_message) + " bytes");
  ++received_;
  received_bytes_ += frame.size;
  figures_.bytes_received += frame.size;
  ++partial_frames_;
  partial_.insert(partial_.end(), frame.payload(), frame.payload() + frame.size);
  if (frame.last) {
    ++figures_.messages_received;
    inbox_bytes_ += partial_.size();
    inbox_frames_ += partial_frames_;
    inbox_.push_back({std::exchange(partial_, {}), std::exchange(partial_frames_, 0)});
  }
  note_progress();
  return {};
}

std::optional<bytes> remote_link::take() {
  if (inbox_.empty())
    return std::nullopt;
  message first = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= first.what.size();
  inbox_frames_ -= first.frames;
  note_progress();
  return std::move(first.what);
}

void remote_link::look() noexcept {
  acknowledge_ = acknowledge_ || received_ != acknowledged_ || grant_frames() != granted_frames_ ||
                 grant_bytes() != granted_bytes_;
}

} // namespace weir::cluster
