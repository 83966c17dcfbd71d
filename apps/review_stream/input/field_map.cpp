#include <apps/review_stream/input/field_map.hpp>

#include <algorithm>
#include <utility>

namespace weir::reviews {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string all_names() {
  std::string all;
  for (const auto name : field_names)
    all += (all.empty() ? "" : ", ") + std::string{name};
  return all;
}

} // namespace

field_map::field_map() {
  for (std::size_t i = 0; i < field_names.size(); ++i)
    names_[i] = field_names[i];
}

result<field_map> field_map::parse(const std::vector<std::string>& mappings) {
  field_map map;
  for (const auto& said : mappings) {
    const auto wrong = [&said](std::string what, std::string fix) {
      return permanent(std::move(what), "--map " + said, std::move(fix));
    };
    const auto equals = said.find('=');
    if (equals == std::string::npos || equals + 1 == said.size())
      return wrong("no column is named", "write --map FIELD=COLUMN, such as --map text=Comment");
    const auto found = std::ranges::find(field_names, std::string_view{said}.substr(0, equals));
    if (found == field_names.end())
      return wrong("a review has no field '" + said.substr(0, equals) + "'", "use one of " + all_names());
    const auto at = static_cast<std::size_t>(found - field_names.begin());
    if (std::exchange(map.given_[at], true))
      return wrong("'" + std::string{*found} + "' is mapped twice", "map each field once");
    map.names_[at] = said.substr(equals + 1);
    map.id_from_line_ = map.id_from_line_ || (*found == "id" && map.names_[at] == "@line");
  }
  for (std::size_t a = 0; a < map.names_.size(); ++a)
    for (std::size_t b = a + 1; b < map.names_.size(); ++b)
      if (map.names_[a] == map.names_[b] && map.given_[a] && map.given_[b])
        return permanent("'" + map.names_[a] + "' is mapped to two fields", "--map",
                         "map each column once: " + std::string{field_names[a]} + " and " +
                             std::string{field_names[b]} + " need columns of their own");
  return map;
}

std::optional<field> field_map::of(std::string_view name) const noexcept {
  // A column that was given wins over a field that is called so by default.
  for (const bool given : {true, false})
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (given_[i] == given && names_[i] == name)
        return static_cast<field>(i);
  return std::nullopt;
}

std::optional<field> field_map::of_column(std::string_view column) const noexcept {
  if (const auto exact = of(column))
    return exact;
  const auto bare = trimmed(column);
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!given_[i] &&
        std::ranges::equal(bare, names_[i], [](char a, char b) { return lower(a) == lower(b); }))
      return static_cast<field>(i);
  return std::nullopt;
}

result<std::vector<std::optional<field>>> columns_of(const std::vector<std::string>& header,
                                                     const field_map& fields, const std::string& where) {
  std::string names;
  std::vector<std::optional<field>> columns;
  std::array<bool, field_names.size()> seen{};
  for (const auto& column : header) {
    names += (names.empty() ? "" : ", ") + (column.empty() ? std::string{"(no name)"} : column);
    columns.push_back(fields.of_column(column));
    if (columns.back() && std::exchange(seen[static_cast<std::size_t>(*columns.back())], true))
      return permanent("two columns for '" +
                           std::string{field_names[static_cast<std::size_t>(*columns.back())]} + "': '" +
                           column + "' is the second",
                       where, "rename one of them, or name the right one with --map");
  }
  for (const field needed : {field::id, field::text}) {
    const auto at = static_cast<std::size_t>(needed);
    if (seen[at] || (needed == field::id && fields.id_from_line()))
      continue;
    const std::string name{field_names[at]};
    return permanent(
        "no column '" + fields.name_of(needed) + "' for the field '" + name + "'; there are: " + names, where,
        "say which column it is: --map " + name + "=COLUMN" +
            (needed == field::id ? ", or --map id=@line to number the rows" : ""));
  }
  return columns;
}

} // namespace weir::reviews
