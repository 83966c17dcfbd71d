#pragma once

// The file a sentiment model is kept in, a little over 1 MiB. Version 1, little-endian:
//
//   8 bytes  "WEIRSENT"
//   u32      version, 1
//   u32      feature_bits
//   7 x f32  sentiment_parameters in the order of the struct
//   u32      length of the description
//   ...      description: a JSON object in UTF-8 (what it was trained on, with what options)
//   2 x f32  word_list_part: gain, offset
//   u32      its number of entries
//   (u32, i8) x entries   bucket and weight, ascending buckets
//   i8 x 2^feature_bits   weights
//   u64      XXH3-64 of everything before
//
// Every way in which a file can be wrong is an error that says which, and what to do.

#include <apps/review_stream/sentiment/model.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <weir/base/result.hpp>

namespace weir::reviews {

inline constexpr std::uint32_t model_file_version = 1;

/// The file's bytes.
std::string encode_model(const sentiment_model& model);

/// The model in a file's bytes; `where` names the file in errors.
result<sentiment_model> decode_model(std::string_view bytes, const std::string& where);

result<sentiment_model> load_model(const std::filesystem::path& file);

/// Writes beside the target and renames, so a reader never sees half a model.
result<> save_model(const sentiment_model& model, const std::filesystem::path& file);

} // namespace weir::reviews
