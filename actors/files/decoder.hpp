#pragma once

// Decompression of a stream that arrives in pieces: gzip (any number of members) and zstd (any number of
// frames), told apart by their first bytes and never by a file's name. Memory: 40 KiB for gzip; for zstd the
// window of the frame, at most 128 MiB. Thread-safety: one thread at a time.

#include <weir/base/result.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace weir::actors {

class decoder {
 public:
  virtual ~decoder() = default;
  /// "gzip" or "zstd".
  virtual std::string_view name() const noexcept = 0;
  /// Decodes from the front of `in`, which becomes shorter by what was used, into `out`; answers how many
  /// bytes it wrote. 0 with nothing left in `in`: more input is needed. What was decoded before a corrupt
  /// place is handed out first; the error comes with the call after.
  virtual result<std::size_t> decode(std::string_view& in, std::span<char> out) = 0;
  /// Whether the stream may end here: every member was complete and its checksum right.
  virtual bool complete() const noexcept = 0;
};

/// So many first bytes decide what a stream is.
inline constexpr std::size_t magic_bytes = 4;

/// Whether something that begins with `first`, shorter than magic_bytes, may turn out to be compressed.
bool may_be_compressed(std::string_view first) noexcept;

/// The decoder for a stream that begins with `first`; null when it is not compressed.
std::unique_ptr<decoder> make_decoder(std::string_view first);

} // namespace weir::actors
