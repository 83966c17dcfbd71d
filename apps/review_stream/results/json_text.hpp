#pragma once

// JSON written straight into a string, numbers the way people write them (Boost.JSON's serializer prints 0.5
// as 5E-1). Single-threaded.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::reviews {

/// Appends an array of strings.
void append_list(std::string& to, const std::vector<std::string>& strings);

/// Appends one JSON object: `json_text{out}.field("a", 1).field("b", "x").end()`.
class json_text {
 public:
  explicit json_text(std::string& to) : to_(&to) { to += '{'; }

  json_text& field(std::string_view name, std::string_view value);
  json_text& field(std::string_view name, const std::string& value) {
    return field(name, std::string_view{value});
  }
  json_text& field(std::string_view name, const char* value) { return field(name, std::string_view{value}); }
  json_text& field(std::string_view name, double value);
  template <std::integral I>
  json_text& field(std::string_view name, I value) {
    if constexpr (std::is_same_v<I, bool>)
      return raw(name, value ? "true" : "false");
    else
      return raw(name, std::to_string(value));
  }
  /// A string, or null when it is empty.
  json_text& field_or_null(std::string_view name, const std::string& value) {
    return value.empty() ? raw(name, "null") : field(name, value);
  }
  /// A value that is JSON already.
  json_text& raw(std::string_view name, std::string_view json);
  /// An array of strings.
  json_text& field(std::string_view name, const std::vector<std::string>& values);
  /// Starts an object as the value of a field; ended by end().
  json_text object(std::string_view name);
  void end() { *to_ += '}'; }

 private:
  void name(std::string_view name);
  std::string* to_;
  bool first_ = true;
};

} // namespace weir::reviews
