#include <weir/runtime/process/frames.hpp>

#include <weir/record/byte_stream.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace weir::detail {

namespace {
constexpr std::size_t least_room = std::size_t{64} * 1024;
}

void put_frame_head(std::byte* head, frame_kind kind, std::size_t size) noexcept {
  const auto length = static_cast<std::uint32_t>(size);
  std::memcpy(head, &length, sizeof length);
  head[4] = static_cast<std::byte>(kind);
}

std::span<std::byte> frame_reader::room() {
  if (begin_ == end_)
    begin_ = end_ = 0;
  if (bytes_.size() - end_ < least_room) {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.size() - end_ < least_room)
      bytes_.resize(std::max(2 * bytes_.size(), end_ + 2 * least_room));
  }
  return {bytes_.data() + end_, bytes_.size() - end_};
}

std::optional<frame_reader::frame> frame_reader::next() {
  if (broken_ || end_ - begin_ < frame_head)
    return std::nullopt;
  std::uint32_t length = 0;
  std::memcpy(&length, bytes_.data() + begin_, sizeof length);
  const auto kind = std::to_integer<std::uint8_t>(bytes_[begin_ + 4]);
  if (length > most_frame || kind < static_cast<std::uint8_t>(frame_kind::order) ||
      kind > static_cast<std::uint8_t>(frame_kind::died)) {
    broken_ = true;
    return std::nullopt;
  }
  if (end_ - begin_ < frame_head + length)
    return std::nullopt;
  const frame f{static_cast<frame_kind>(kind), {bytes_.data() + begin_ + frame_head, length}};
  begin_ += frame_head + length;
  return f;
}

std::vector<std::byte> stop_frame(std::uint64_t call, std::uint32_t record) {
  byte_writer out{16};
  out.number(call);
  out.number(record);
  return out.take();
}

std::optional<std::pair<std::uint64_t, std::uint32_t>> read_stop_frame(std::span<const std::byte> body) {
  byte_reader in{body.data(), body.size()};
  const auto call = in.number<std::uint64_t>();
  const auto record = in.number<std::uint32_t>();
  if (!in.done())
    return std::nullopt;
  return std::pair{call, record};
}

bool write_frame(int socket, frame_kind kind, std::span<const std::byte> body) {
  std::array<std::byte, frame_head> head{};
  put_frame_head(head.data(), kind, body.size());
  std::array<iovec, 2> parts{
      {{head.data(), head.size()}, {const_cast<std::byte*>(body.data()), body.size()}}};
  std::size_t first = 0;
  while (first < parts.size()) {
    msghdr message{};
    message.msg_iov = parts.data() + first;
    message.msg_iovlen = parts.size() - first;
    auto sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0)
      return false;
    auto left = static_cast<std::size_t>(sent);
    while (first < parts.size() && left >= parts[first].iov_len)
      left -= parts[first++].iov_len;
    if (first < parts.size()) {
      parts[first].iov_base = static_cast<std::byte*>(parts[first].iov_base) + left;
      parts[first].iov_len -= left;
    }
  }
  return true;
}

} // namespace weir::detail
