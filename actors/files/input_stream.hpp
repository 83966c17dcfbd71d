#pragma once

// The bytes of one input, decompressed where need be, in chunks of at most 256 KiB.
// Thread-safety: one thread at a time.

#include <actors/files/decoder.hpp>
#include <actors/files/input_list.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::actors {

class input_stream {
 public:
  static constexpr std::size_t chunk_bytes = std::size_t{256} << 10U;

  enum class state : std::uint8_t {
    data,    ///< there are bytes
    waiting, ///< a pipe or terminal with nothing in it now: wait until descriptor() is readable; or a growing
             ///< file that ends within compressed data
    end,     ///< of a growing file: so far
  };
  struct chunk {
    input_stream::state state;
    std::string_view bytes; ///< valid until the next call
  };

  /// Opens `input`. Fails like list_inputs when the file has gone or changed its permissions since.
  static result<input_stream> open(input_entry input);

  /// The next bytes. Never blocks on a pipe. An error (corrupt or cut off compressed data, a failing disk) is
  /// final and names the place; all that could be read before it has been handed out.
  result<chunk> next();

  /// Bytes taken from the file, as they are on disk.
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  const std::string& path() const noexcept { return path_; }
  int descriptor() const noexcept { return file_.get(); }
  /// Bytes handed out, and those that were skipped.
  std::uint64_t bytes_made() const noexcept { return made_; }
  bool compressed() const noexcept { return decoder_ != nullptr; }
  /// "gzip data is cut off" for a file that will not grow on.
  error cut_off() const;

 private:
  enum class fill_result : std::uint8_t { filled, waiting, end };
  result<fill_result> fill();
  result<chunk> next_plain();
  result<chunk> next_decoded();
  result<chunk> next_piece();
  error broken_at(std::string what) const;

  std::string path_;
  file_descriptor file_;
  bool stream_ = false;
  bool known_ = false; ///< whether the first bytes have decided about decoder_
  bool at_end_ = false;
  bool growing_ = false;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t skip_ = 0; ///< still to be skipped
  std::uint64_t made_ = 0;
  std::vector<char> raw_;
  std::string_view unused_; ///< the part of raw_ that was not used yet
  std::unique_ptr<decoder> decoder_;
  std::vector<char> decoded_;
};

} // namespace weir::actors
