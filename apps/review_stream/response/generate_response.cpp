#include <apps/review_stream/response/generate_response.hpp>

#include <apps/review_stream/response/response_book.hpp>

namespace weir::reviews {

result<judged_review> generate_response::operator()(judged_review judged) const {
  const auto book = knowledge_->responses();
  if (!book)
    return book.error();
  judged.response = (*book)->draft(judged);
  return judged;
}

} // namespace weir::reviews
