#pragma once

// The file a topic model is kept in. Version 1, little-endian:
//
//   8 bytes  "WEIRTOPI"
//   u32      version, 1
//   u32      feature_bits
//   2 x f32  floor, sharpness
//   u32      number of classes, 2 to 1,000
//   u32      number of known buckets
//   u32      length of the description
//   ...      description: a JSON object in UTF-8 (what it was trained on, with what options)
//   classes x { u32 length of the name, the name in UTF-8, 4 x f32 scale, bias, slope, offset }
//   u32 x buckets            ascending
//   i8 x buckets x classes   weights
//   u64      XXH3-64 of everything before
//
// Every way in which a file can be wrong is an error that says which, and what to do.

#include <apps/review_stream/topic/topic_model.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <weir/base/result.hpp>

namespace weir::reviews {

inline constexpr std::uint32_t topic_model_file_version = 1;

/// Most weights (buckets times classes) of a model: 64 MiB in the file and in memory.
inline constexpr std::size_t most_topic_weights = std::size_t{64} << 20U;

/// The file's bytes.
std::string encode_topic_model(const topic_model& model);

/// The model in a file's bytes; `where` names the file in errors.
result<topic_model> decode_topic_model(std::string_view bytes, const std::string& where);

result<topic_model> load_topic_model(const std::filesystem::path& file);

/// Writes beside the target and renames, so a reader never sees half a model.
result<> save_topic_model(const topic_model& model, const std::filesystem::path& file);

} // namespace weir::reviews
