#include <weir/cluster/transport/basp_check.hpp>

#include <algorithm>

namespace weir::cluster {

namespace {

enum operation : std::uint8_t {
  server_handshake,
  client_handshake,
  direct_message,
  routed_message,
  monitor_message,
  down_message,
  heartbeat
};

/// Of a direct message: the receiver is given by name. Of a handshake: the client has chosen this connection.
constexpr unsigned by_name = 0x01;
constexpr unsigned chosen = 0x02;

std::uint64_t big_endian(const unsigned char* at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | at[i];
  return value;
}

} // namespace

std::string_view basp_check::complaint() const noexcept {
  const unsigned op = header_[0];
  const std::uint64_t payload = big_endian(&header_[4], 4);
  const std::uint64_t data = big_endian(&header_[8], 8);
  const std::uint64_t source = big_endian(&header_[16], 8);
  const std::uint64_t receiver = big_endian(&header_[24], 8);
  if (op > heartbeat)
    return "unknown operation";
  const unsigned flags = header_[3];
  const unsigned known = op == direct_message ? by_name : op == client_handshake ? chosen : 0;
  if (header_[1] != 0 || header_[2] != 0 || (flags & ~known) != 0)
    return "unknown flags";
  const unsigned due = who_ == speaker::client ? client_handshake : server_handshake;
  if (!greeted_ && op != due)
    return "no handshake";
  // A client greets at once, and again when it has heard the server and has chosen this connection.
  const bool chooses = op == client_handshake && who_ == speaker::client && flags == chosen && !chosen_;
  if (greeted_ && op <= client_handshake && !chooses)
    return "handshake out of turn";
  const bool has_data = op == direct_message || op == routed_message;
  if ((payload == 0) != (op == heartbeat))
    return op == heartbeat ? "heartbeat with a payload" : "payload missing";
  if (payload > (has_data ? most_ : std::min(most_, notice_bytes)))
    return "payload too long";
  switch (op) {
  case server_handshake:
    return data == version ? "" : "another version of BASP";
  case client_handshake:
    return source == 0 && receiver == 0 ? "" : "handshake with actors";
  case direct_message:
  case routed_message:
    return receiver != 0 ? "" : "message to nobody";
  case monitor_message:
    return data == 0 ? "" : "notice with data";
  case down_message:
    return data == 0 && source != 0 && receiver == 0 ? "" : "notice about nobody";
  default:
    return data == 0 && source == 0 && receiver == 0 ? "" : "heartbeat with actors";
  }
}

void basp_check::judge() noexcept {
  wrong_ = complaint();
  header_got_ = 0;
  payload_left_ = big_endian(&header_[4], 4);
  chosen_ = chosen_ || (header_[0] == client_handshake && header_[3] == chosen);
}

bool basp_check::follow(const char* data, std::size_t size) noexcept {
  while (wrong_.empty() && size > 0) {
    if (payload_left_ > 0) {
      const std::size_t part = std::min(size, payload_left_);
      data += part;
      size -= part;
      payload_left_ -= part;
      greeted_ = greeted_ || payload_left_ == 0; // the first payload is the handshake's
      continue;
    }
    const std::size_t part = std::min(size, header_bytes - header_got_);
    std::transform(data, data + part, header_.begin() + static_cast<std::ptrdiff_t>(header_got_),
                   [](char c) { return static_cast<unsigned char>(c); });
    data += part;
    size -= part;
    header_got_ += part;
    if (header_got_ == header_bytes)
      judge();
  }
  return wrong_.empty();
}

} // namespace weir::cluster
