#pragma once

// Bodies of messages between hosts, made smaller by zstd (level 1) where both want that: tasks and answers
// are records, which shrink to a half and less. Pays where the network is slower than about 300 MB/s a
// connection. Pure functions, any thread.

#include <weir/base/result.hpp>
#include <weir/cluster/remote_link.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::cluster {

/// A body as it travels.
struct packed_body {
  std::span<const std::byte> bytes;
  std::uint32_t plain = 0; ///< how many there are unpacked; 0: it is as it was
};

/// The body itself when it is small or would not shrink by an eighth; else it is in `storage`.
packed_body pack(std::span<const std::byte> body, bytes& storage);
/// The body itself when it was not packed; else it is in `storage`. An error when it is nothing that pack()
/// makes, or larger than `most`, of which no more is allocated.
result<std::span<const std::byte>> unpack(packed_body body, std::size_t most, bytes& storage);

} // namespace weir::cluster
