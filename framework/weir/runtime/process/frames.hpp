#pragma once

// What a run and its worker process write to each other over a socket pair: a length, a kind, bytes.
// Little-endian; both ends are the same program.

#include <weir/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace weir::detail {

enum class frame_kind : std::uint8_t {
  order = 1, ///< to the child, once: which worker it is
  task,
  stop,   ///< see stop_frame
  answer, ///< of the task taken first
  died,   ///< the worker cannot go on: an error's words; the child ends
};

inline constexpr std::size_t frame_head = 5;
/// Longer ones are broken: one task and its answer are a batch and what was made of it.
inline constexpr std::size_t most_frame = std::size_t{1} << 30;

void put_frame_head(std::byte* head, frame_kind kind, std::size_t size) noexcept;

/// Cuts what arrives into frames. One thread.
class frame_reader {
 public:
  struct frame {
    frame_kind kind;
    std::span<const std::byte> body; ///< until the next call
  };
  /// Room for what is read next, at least 64 KiB.
  std::span<std::byte> room();
  void arrived(std::size_t bytes) noexcept { end_ += bytes; }
  /// The next that is complete. Sets broken() where the bytes are none.
  std::optional<frame> next();
  bool broken() const noexcept { return broken_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

/// The child's call of that number is asked to stop its attempt at that record.
std::vector<std::byte> stop_frame(std::uint64_t call, std::uint32_t record);
/// Nothing: it is none.
std::optional<std::pair<std::uint64_t, std::uint32_t>> read_stop_frame(std::span<const std::byte> body);

/// Writes all of it, waiting if need be. False: nobody reads any more.
bool write_frame(int socket, frame_kind kind, std::span<const std::byte> body);

} // namespace weir::detail
