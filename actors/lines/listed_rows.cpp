#include <actors/lines/listed_rows.hpp>

#include <algorithm>
#include <utility>

namespace weir::actors {

listed_rows::listed_rows(std::vector<input_entry> inputs, row_format format, std::size_t max_row_bytes)
    : inputs_(std::move(inputs)), format_(format), max_(max_row_bytes) {
  if (std::ranges::none_of(inputs_, &input_entry::stream))
    for (const auto& input : inputs_)
      total_bytes_ += input.bytes;
}

row_supply::answer listed_rows::next(text_line& out) {
  if (rows_) {
    const auto found = current_ ? rows_->next(out) : rows_->finish(out);
    if (found == row_reader::found::row)
      return answer::row;
    if (found == row_reader::found::rejected) {
      rejection_ = std::move(rows_->rejection());
      return answer::rejected;
    }
  }
  if (!current_) {
    rows_.reset();
    if (next_input_ == inputs_.size())
      return answer::end;
    if (!begin_next_file())
      return answer::rejected;
  }
  const auto chunk = current_->next();
  if (!chunk)
    return reject_rest(chunk.error());
  if (chunk->state == input_stream::state::waiting)
    return answer::waiting;
  if (chunk->state == input_stream::state::end)
    end_file();
  else
    rows_->feed(chunk->bytes);
  return answer::busy;
}

bool listed_rows::begin_next_file() {
  input_entry& input = inputs_[next_input_++];
  rows_.emplace(shared_text{input.path}, format_, max_);
  auto opened = input_stream::open(std::move(input));
  if (!opened) { // it was there when the run began
    reject_rest(std::move(opened).error());
    return false;
  }
  current_.emplace(*std::move(opened));
  return true;
}

void listed_rows::end_file() {
  bytes_of_ended_ += current_->bytes_read();
  current_.reset();
}

row_supply::answer listed_rows::reject_rest(error why) {
  rejection_ = rows_->reject_rest(std::move(why));
  rows_.reset();
  if (current_)
    end_file();
  return answer::rejected;
}

source_progress listed_rows::progress() const noexcept {
  return {bytes_of_ended_ + (current_ ? current_->bytes_read() : 0), total_bytes_};
}

} // namespace weir::actors
