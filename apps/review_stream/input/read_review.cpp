#include <apps/review_stream/input/read_review.hpp>

#include <apps/review_stream/text/clean_text.hpp>
#include <apps/review_stream/text/personal_data.hpp>

namespace weir::reviews {

result<review> read_review::operator()(const actors::text_line& row) const {
  auto read = parse_review(row, *fields_);
  if (!read)
    return read;
  for (std::string* text : {&read->text, &read->title, &read->product, &read->category})
    clean_text(*text);
  for (std::string* text : {&read->text, &read->title, &read->product})
    mask_personal_data(*text);
  return read;
}

} // namespace weir::reviews
