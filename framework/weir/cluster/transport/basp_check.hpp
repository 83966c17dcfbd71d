#pragma once

// What stands between a peer and CAF's parser, authenticated or not: follows the BASP stream (a header of 32
// bytes, big-endian, then a payload) and finds the first header that CAF 0.17 must not see.
//
// CAF dereferences a payload that is not there for handshakes of length 0, allocates whatever a length field
// says up to 4 GiB, and takes messages before any handshake. Here the first message must be the handshake
// that is due, there is no second one, and every operation has its bounds. Single-threaded.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::cluster {

class basp_check {
 public:
  static constexpr std::size_t header_bytes = 32;
  static constexpr std::uint64_t version = 3; ///< of BASP in CAF 0.17
  /// Handshakes and notices carry names and types of actors, no data.
  static constexpr std::size_t notice_bytes = std::size_t{64} * 1024;

  /// Who speaks in this stream: the one that connected, or the one that listens.
  enum class speaker : std::uint8_t { client, server };

  basp_check(speaker who, std::size_t most_payload_bytes) noexcept : who_(who), most_(most_payload_bytes) {}

  /// The next bytes of the stream. False at the first bad header, and from then on; nothing from this call's
  /// bytes on may be passed to CAF then.
  bool follow(const char* data, std::size_t size) noexcept;
  /// The handshake has arrived whole.
  bool greeted() const noexcept { return greeted_; }
  /// What was wrong; empty as long as nothing is.
  std::string_view wrong() const noexcept { return wrong_; }

 private:
  void judge() noexcept;
  std::string_view complaint() const noexcept;

  speaker who_;
  std::size_t most_;
  std::array<unsigned char, header_bytes> header_{};
  std::size_t header_got_ = 0;
  std::size_t payload_left_ = 0;
  bool greeted_ = false;
  bool chosen_ = false;
  std::string_view wrong_;
};

} // namespace weir::cluster
