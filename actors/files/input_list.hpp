#pragma once

// From what the user named to the files that will be read.

#include <actors/files/file_descriptor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::actors {

/// One input, known to be readable when it was listed.
struct input_entry {
  std::string path; ///< "-" for standard input
  /// Size on disk; 0 for a stream.
  std::uint64_t bytes = 0;
  /// A pipe, terminal or device: may have nothing to read for a while, has no size, can be opened only once.
  bool stream = false;
  /// Open already if `stream`.
  file_descriptor file;
  /// The file is followed: at its end more may come, of compressed data too.
  bool growing = false;
  /// Of a followed file, what was read before: bytes of the text, decompressed if need be.
  std::uint64_t skip = 0;
  /// Whether that was found to be compressed.
  bool skip_compressed = false;
};

/// Resolves files, directories (their regular files in order of name; hidden ones and subdirectories are left
/// out) and "-" for standard input, and makes sure that each can be opened. The first that cannot is the
/// error.
result<std::vector<input_entry>> list_inputs(const std::vector<std::string>& names);

} // namespace weir::actors
