#pragma once

// Which column or key of the input holds which field of a review.

#include <weir/base/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

enum class field : std::uint8_t { id, text, product, title, rating, category, lang, ts };
inline constexpr std::array<std::string_view, 8> field_names = {"id",     "text",     "product", "title",
                                                                "rating", "category", "lang",    "ts"};

/// By default each field is called as in `field_names`. Immutable once built: share it between threads.
class field_map {
 public:
  field_map();

  /// From the words of `--map`, each "FIELD=COLUMN". "id=@line" makes ids from the file's name and the line
  /// ("reviews.csv:17"), for input that has none. Errors: no '=', an unknown field, a field or column twice.
  static result<field_map> parse(const std::vector<std::string>& mappings);

  /// The field that a JSON key or a column holds; none: it is an extra one.
  std::optional<field> of(std::string_view name) const noexcept;
  /// The same for a column of a table: without regard to case and blanks at the ends, unless the name was
  /// given with `--map`.
  std::optional<field> of_column(std::string_view column) const noexcept;
  /// What the field is called in the input.
  const std::string& name_of(field f) const noexcept { return names_[static_cast<std::size_t>(f)]; }
  bool id_from_line() const noexcept { return id_from_line_; }
  friend bool operator==(const field_map&, const field_map&) = default;

 private:
  std::array<std::string, field_names.size()> names_;
  std::array<bool, field_names.size()> given_{};
  bool id_from_line_ = false;
};

/// The field of each column of a header row (none: an extra one). Errors name the columns there are and what
/// to give --map: `id` or `text` without a column, a field with two columns. `where` is the header's place.
result<std::vector<std::optional<field>>> columns_of(const std::vector<std::string>& header,
                                                     const field_map& fields, const std::string& where);

} // namespace weir::reviews
