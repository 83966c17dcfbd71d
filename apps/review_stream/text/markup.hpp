#pragma once

// What web pages leave in review texts: tags to skip, entities to decode.
//
// Pure functions over a view that need not be valid HTML or UTF-8; nothing is read past its end.
// Thread-safe.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::reviews {

/// The bytes that the tag or comment at the start of `text` takes, 0 if it starts with none. `text` starts
/// with '<'. A tag is '<', then a letter, '/' or '!', then anything but '<' up to a '>' at most 1,024 bytes
/// on:
/// "<3" and "a < b" are text.
std::size_t tag_length(std::string_view text) noexcept;

/// A character that an entity stands for, and how many bytes it took; length 0 when there is none.
struct entity {
  std::int32_t code_point = 0;
  std::size_t length = 0;
};

/// Decodes the entity at the start of `text`, which starts with '&': decimal and hexadecimal references and
/// the common names (amp, lt, gt, quot, apos, nbsp, typographic signs, letters of German, Spanish and
/// French).
entity decode_entity(std::string_view text) noexcept;

} // namespace weir::reviews
