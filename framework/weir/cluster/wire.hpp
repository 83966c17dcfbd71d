#pragma once

// What hosts write to each other, as bytes. One layout for every version of the protocol, as far as it goes:
//
//     "WEIR" | protocol, 4 bytes | kind, 1 byte | XXH3-64 of the rest, 8 bytes | the rest
//
// Numbers are little-endian. A refusal is laid out the same in every version, so that two hosts of different
// versions can say that this is what is wrong. Every length is checked against what is there and against a
// limit before anything is allocated: what comes from a peer cannot make the reader take more memory than
// the frame it was in. Pure functions.

#include <weir/cluster/remote_link.hpp>

#include <memory>
#include <string>
#include <variant>

namespace weir::cluster {

inline constexpr std::size_t max_name = 255;  ///< bytes of a name, label or version
inline constexpr std::size_t max_labels = 64; ///< of a host
inline constexpr std::size_t max_text = 4096; ///< bytes of a reason; longer ones are cut

bytes encode(const control_message& message);
bytes encode(const link_frame& frame);

using decoded = std::variant<control_message, link_frame>;
/// An error when it is not what a host of this version would write. A link_frame refers to `frame`.
result<decoded> decode(std::shared_ptr<const bytes> frame);

} // namespace weir::cluster
