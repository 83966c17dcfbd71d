#pragma once

// A whole file in memory, unpacked if it is gzip or zstd.

#include <filesystem>
#include <string>
#include <weir/base/result.hpp>

namespace weir::reviews {

/// The content of a plain, gzip or zstd file (seen from its content); at most 2 GiB unpacked.
result<std::string> read_file_bytes(const std::filesystem::path& file);

} // namespace weir::reviews
