#include <apps/review_stream/input/check_columns.hpp>

#include <actors/lines/table_header.hpp>
#include <apps/review_stream/text/csv.hpp>

#include <filesystem>
#include <system_error>

namespace weir::reviews {

namespace {

namespace fs = std::filesystem;

result<> check_file(const std::string& path, const field_map& fields) {
  const auto head = actors::table_header(path, actors::row_format::automatic);
  if (!head || !*head) // what cannot be read shows when it is read
    return {};
  std::vector<std::string> names;
  csv_reader{(*head)->header.view(), (*head)->separator}.next(names);
  const auto columns = columns_of(names, fields, path + ", the header row");
  return columns ? result<>{} : columns.error();
}

} // namespace

result<> check_columns(const std::vector<std::string>& inputs, const field_map& fields) {
  std::error_code failure;
  for (const auto& input : inputs) {
    if (fs::is_regular_file(input, failure)) {
      if (auto ok = check_file(input, fields); !ok)
        return ok;
    } else if (fs::is_directory(input, failure)) {
      for (fs::directory_iterator at{input, failure}, end; !failure && at != end; at.increment(failure))
        if (at->is_regular_file(failure) && !at->path().filename().string().starts_with('.'))
          if (auto ok = check_file(at->path().string(), fields); !ok)
            return ok;
    }
  }
  return {};
}

} // namespace weir::reviews
