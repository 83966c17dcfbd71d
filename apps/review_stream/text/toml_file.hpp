#pragma once

// The TOML files that users edit (topics, urgency, routing, responses): reading one, and errors that name
// file, line, field and fix. For .cpp files: toml++ takes a second to compile. Thread-safe.

#include <weir/base/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

#include <toml++/toml.h>

namespace weir::reviews {

/// The file's content; an error says where it is not TOML.
result<toml::table> read_toml(const std::filesystem::path& file);

/// The same for text in memory; `where` names it in errors.
result<toml::table> parse_toml(std::string_view text, const std::string& where);

/// "WHAT (FILE:LINE, field 'FIELD'): FIX", permanent; `at` is the node that is wrong.
error wrong_field(const std::string& file, const toml::node& at, std::string_view field, std::string what,
                  std::string fix);

} // namespace weir::reviews
