#include <apps/review_stream/response/response_book.hpp>

#include <apps/review_stream/text/toml_file.hpp>

namespace weir::reviews {

struct response_book::contents {
  std::string text;
};

response response_book::draft(const judged_review&) const {
  return {"en/general/unknown", book_->text, false, {"not sent: templates are not read yet"}};
}

result<response_book> parse_response_book(std::string_view text, const std::string& where) {
  const auto table = parse_toml(text, where);
  if (!table)
    return table.error();
  return response_book{std::make_shared<const response_book::contents>()};
}

result<response_book> load_response_book(const std::filesystem::path& file) {
  const auto table = read_toml(file);
  if (!table)
    return table.error();
  return response_book{std::make_shared<const response_book::contents>()};
}

} // namespace weir::reviews
