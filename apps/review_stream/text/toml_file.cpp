#include <apps/review_stream/text/toml_file.hpp>

#include <apps/review_stream/text/file_bytes.hpp>

#include <utility>

namespace weir::reviews {

namespace {

std::string line_of(const std::string& file, const toml::source_region& at) {
  return file + ":" + std::to_string(at.begin.line);
}

} // namespace

result<toml::table> parse_toml(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text, where);
  } catch (const toml::parse_error& wrong) {
    return permanent("not TOML: " + std::string{wrong.description()}, line_of(where, wrong.source()),
                     "correct the line; texts with signs or spaces need quotes");
  }
}

result<toml::table> read_toml(const std::filesystem::path& file) {
  const auto bytes = read_file_bytes(file);
  if (!bytes)
    return bytes.error();
  return parse_toml(*bytes, file.string());
}

error wrong_field(const std::string& file, const toml::node& at, std::string_view field, std::string what,
                  std::string fix) {
  return permanent(std::move(what), line_of(file, at.source()) + ", field '" + std::string{field} + "'",
                   std::move(fix));
}

} // namespace weir::reviews
