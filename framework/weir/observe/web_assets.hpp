#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir {

/// One file of the dashboard page, as built from `web/` and put into the program.
/// Everything it refers to lives as long as the program.
struct web_asset {
  std::string_view path;         ///< Without a slash in front: "index.html", "assets/index-1a2b.js".
  std::string_view content_type; ///< As for the HTTP header, with the character set where it is text.
  std::span<const std::uint8_t> bytes;
  std::span<const std::uint8_t> gzip; ///< The same, packed (gzip, level 9); empty where that is no shorter.
};

/// The files of the page, by path in ascending order; thread-safe. Empty in a program that was built
/// without Node.js and npm (see `WEIR_WEB` in cmake/WeirWeb.cmake): whoever serves the page then says so.
///
/// Names under "assets/" change with what they hold, so a browser may keep those for ever; the others
/// keep their names and must be asked for anew. Link `weir_web` for it.
std::span<const web_asset> web_assets() noexcept;

} // namespace weir
