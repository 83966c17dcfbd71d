#pragma once

// What model files share: little-endian numbers, a magic of eight bytes at the start, a checksum over
// everything at the end, reading with a bound and writing beside the target. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <weir/base/result.hpp>

namespace weir::reviews {

inline constexpr std::size_t model_magic_size = 8;
inline constexpr std::size_t model_checksum_size = 8;
inline constexpr std::string_view sentiment_magic = "WEIRSENT";
inline constexpr std::string_view topic_magic = "WEIRTOPI";

/// The words of errors that ask for a new model.
inline constexpr const char* retrain_model = "train it again with `review-stream train`";

/// Appends the low `bytes` bytes of a value.
void put_number(std::string& out, std::uint64_t value, unsigned bytes);
void put_float(std::string& out, float value);

/// Removes a number from the front; `in` holds at least that many bytes.
std::uint64_t take_number(std::string_view& in, unsigned bytes);
float take_float(std::string_view& in);

/// Appends the XXH3-64 of what is there.
void put_checksum(std::string& out);

/// Whether the last eight bytes are the checksum of the ones before.
bool checksum_fits(std::string_view bytes);

/// "not a KIND: its first bytes are not MAGIC", unless they are (a shorter text may be its start).
result<> check_magic(std::string_view bytes, std::string_view magic, const std::string& kind,
                     const std::string& where);

/// The content of a model file, at most one byte more than `largest`.
result<std::string> read_model_bytes(const std::filesystem::path& file, std::size_t largest);

/// Writes beside the target and renames, so a reader never sees half a model.
result<> write_model_bytes(std::string_view bytes, const std::filesystem::path& file);

enum class model_kind : std::uint8_t { sentiment, topic };

/// Which kind of model a file holds, seen from its first bytes.
result<model_kind> kind_of_model(const std::filesystem::path& file);

} // namespace weir::reviews
