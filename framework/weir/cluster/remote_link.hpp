#pragma once

// One direction each way of messages between two hosts, over connections that may break.
//
// Invariants:
//  - every message sent arrives once and in order, as long as the membership lives, however often the
//    connection is made anew: chunks are numbered, kept until the other side has acknowledged them, sent
//    again after a reconnect, and dropped where they were there already.
//  - end-to-end demand: no more is sent than the receiver has room for, in chunks and in bytes; room comes
//    back when its owner takes messages.
//  - memory is bounded whatever the peer does: what is kept for it by the window and max_queued, what came
//    from it by the window and max_message. A peer that sends more than it was granted, out of order, or
//    acknowledges what was never sent has broken the rules: receive() says so, the connection is to be
//    closed.
// What is in a message is none of its business. Single-threaded; knows no socket.

#include <weir/cluster/membership.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace weir::cluster {

using bytes = std::vector<std::byte>;

struct link_limits {
  std::size_t chunk = std::size_t{1} << 20;            ///< of a message, in one frame. Default 1 MiB
  std::uint64_t window_frames = 256;                   ///< on their way or not taken yet. Default 256
  std::uint64_t window_bytes = std::uint64_t{8} << 20; ///< the same in bytes; not below chunk. Default 8 MiB
  std::size_t max_message = std::size_t{64} << 20;     ///< Default 64 MiB
  std::size_t max_queued = std::size_t{256} << 20;     ///< not sent yet. Default 256 MiB
};

/// What travels. Without a sequence it is an acknowledgement only.
struct link_frame {
  membership_id id;
  std::uint64_t sequence = 0;      ///< of this chunk; the first is 1
  std::uint64_t acknowledged = 0;  ///< every chunk up to this one has come
  std::uint64_t may_frames = 0;    ///< the other side may send chunks up to this sequence,
  std::uint64_t may_bytes = 0;     ///< and so many bytes of them in all, since the link began
  bool last = false;               ///< chunk of its message
  std::shared_ptr<const bytes> of; ///< holds the payload
  std::size_t offset = 0;
  std::size_t size = 0;
  const std::byte* payload() const noexcept { return of ? of->data() + offset : nullptr; }
};

struct link_figures {
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_sent = 0; ///< payload, repeats included
  std::uint64_t bytes_received = 0;
  std::uint64_t frames_repeated = 0;
  std::uint64_t duplicates = 0; ///< dropped here
};

class remote_link {
 public:
  explicit remote_link(membership_id id, link_limits limits = {});

  /// Queues a message. An error when it is empty or too large (permanent), or too much waits already
  /// (transient): nothing was queued, the message is as it was.
  result<> send(bytes&& message);
  /// Everything sent has been acknowledged.
  bool idle() const noexcept { return queue_.empty() && kept_.empty(); }
  std::size_t queued_bytes() const noexcept { return queued_; }

  /// There is a connection: `resumed` when the link has had another before.
  void attach(bool resumed);
  /// It broke: what was under way is kept.
  void detach() noexcept { attached_ = false; }
  /// The next frame to write, if there is one that may be sent now.
  std::optional<link_frame> next();
  /// A frame came. An error when the peer broke the rules.
  result<> receive(const link_frame& frame);
  /// The next message that is complete; taking it makes room for others.
  std::optional<bytes> take();
  /// To be called now and then (every heartbeat): acknowledges what is not acknowledged yet.
  void look() noexcept;

  const membership_id& id() const noexcept { return id_; }
  const link_figures& figures() const noexcept { return figures_; }
  /// Bytes held here for the peer and of it.
  std::size_t held_bytes() const noexcept { return queued_ + kept_bytes_ + partial_.size() + inbox_bytes_; }

 private:
  struct chunk {
    std::shared_ptr<const bytes> of;
    std::size_t offset;
    std::size_t size;
    bool last;
    std::uint64_t sequence;
    std::uint64_t total; ///< bytes up to its end since the link began
  };
  result<> acknowledged(const link_frame& frame);
  link_frame frame_of(const chunk& c);
  void stamp(link_frame& frame);
  std::uint64_t grant_frames() const noexcept;
  std::uint64_t grant_bytes() const noexcept;
  void note_progress() noexcept;

  membership_id id_;
  link_limits limits_;
  bool attached_ = false;
  bool waits_for_peer_ = false; ///< after a reconnect: for what it has

  // Sending.
  std::deque<std::shared_ptr<const bytes>> queue_;
  std::size_t cut_ = 0; ///< of the first in the queue
  std::size_t queued_ = 0;
  std::deque<chunk> kept_; ///< sent, not acknowledged
  std::size_t kept_bytes_ = 0;
  std::size_t repeat_ = 0;       ///< kept_[repeat_...] are to be sent (again) on this connection
  std::uint64_t sent_ = 0;       ///< sequence
  std::uint64_t sent_bytes_ = 0; ///< without repeats
  std::uint64_t may_frames_;
  std::uint64_t may_bytes_;

  // Receiving.
  std::uint64_t received_ = 0;
  std::uint64_t received_bytes_ = 0;
  std::uint64_t granted_frames_; ///< told to the peer
  std::uint64_t granted_bytes_;
  std::uint64_t acknowledged_ = 0; ///< told to the peer
  bytes partial_;
  struct message {
    bytes what;
    std::uint64_t frames;
  };
  std::deque<message> inbox_;
  std::uint64_t partial_frames_ = 0;
  std::uint64_t inbox_frames_ = 0;
  std::size_t inbox_bytes_ = 0;
  bool acknowledge_ = false;
  link_figures figures_;
};

} // namespace weir::cluster
