#pragma once

// One table of a rulebook while it is read: typed fields, and the first mistake.
//
// Read every field, then ask finish(): it also finds fields that nobody asked for. After a mistake all reads
// give their defaults. For .cpp files. One thread at a time.

#include <apps/review_stream/text/toml_file.hpp>
#include <weir/base/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::reviews {

class section {
 public:
  /// `path` is the table's full name, "topic.delivery.en"; empty for the file itself.
  section(const std::string& file, const toml::table& table, std::string path)
      : file_(&file), table_(&table), path_(std::move(path)) {}

  /// The field as it stands, null when it is not there. Counts as read.
  const toml::node* node(std::string_view field);
  double number(std::string_view field, double otherwise, double least, double most);
  bool flag(std::string_view field, bool otherwise);
  std::string text(std::string_view field, std::string otherwise);
  /// One text or a list of texts. With `choice` every one must be among them.
  std::vector<std::string> texts(std::string_view field, const std::vector<std::string>& choice = {});

  /// Calls `each(name, node)` for the fields not read so far, in the file's order, until there is a mistake.
  void rest(const std::function<void(const std::string& name, const toml::node& node)>& each);
  /// The field as a table, or a mistake that says `fix`.
  const toml::table* table(std::string_view field, const toml::node& node, std::string fix);

  /// Remembers a mistake in the field, unless there was one.
  void wrong(std::string_view field, const toml::node& at, std::string what, std::string fix);
  void wrong(error mistake);
  /// The same for something that is missing: points at the section itself.
  void wrong_here(std::string what, std::string fix, std::string_view field = {});
  bool ok() const noexcept { return !mistake_; }

  /// The first mistake, or success.
  result<> finish();

  const std::string& file() const noexcept { return *file_; }
  std::string name_of(std::string_view field) const;

 private:
  const std::string* file_;
  const toml::table* table_;
  std::string path_;
  std::vector<std::string> known_;
  std::optional<error> mistake_;
};

/// "a, b, c"
std::string listed(const std::vector<std::string>& names);

} // namespace weir::reviews
