#include <actors/lines/line_source.hpp>

#include <algorithm>
#include <utility>

namespace weir::actors {

namespace {

/// Bounds how long one poll takes when nothing in the input is a line to emit.
constexpr int chunks_per_poll = 4;

} // namespace

result<line_source> line_source::open(line_source_options options) {
  auto inputs = list_inputs(options.inputs);
  if (!inputs)
    return std::move(inputs).error();
  return line_source{std::move(options), *std::move(inputs)};
}

line_source::line_source(line_source_options options, std::vector<input_entry> inputs)
    : options_(std::move(options)), inputs_(std::move(inputs)), splitter_(options_.max_line_bytes) {
  if (std::ranges::none_of(inputs_, &input_entry::stream))
    for (const auto& input : inputs_)
      total_bytes_ += input.bytes;
}

poll_result line_source::poll(emitter<text_line>& out, std::size_t demand) {
  int chunks = 0;
  const std::uint64_t made_before = made_;
  line_splitter::line line{};
  while (made_ - made_before < demand) {
    if (limit_reached())
      return poll_result::end();
    if (!current_) {
      if (next_input_ == inputs_.size())
        return poll_result::end();
      if (!begin_next_file(out))
        continue;
    }
    if (splitter_.next(line)) {
      emit(out, line);
      continue;
    }
    if (chunks++ == chunks_per_poll)
      break;
    const auto chunk = current_->next();
    if (!chunk) {
      reject_rest(out, chunk.error());
    } else if (chunk->state == input_stream::state::data) {
      splitter_.feed(chunk->bytes);
    } else if (chunk->state == input_stream::state::waiting) {
      return poll_result::idle_until_readable(current_->descriptor());
    } else {
      if (splitter_.finish(line))
        emit(out, line);
      end_file();
    }
  }
  return poll_result::more();
}

bool line_source::begin_next_file(emitter<text_line>& out) {
  input_entry& input = inputs_[next_input_++];
  file_ = shared_text{input.path};
  splitter_ = line_splitter{options_.max_line_bytes};
  auto opened = input_stream::open(std::move(input));
  if (!opened) { // it was there when the run began
    reject_rest(out, std::move(opened).error());
    return false;
  }
  current_ = std::make_unique<input_stream>(*std::move(opened));
  return true;
}

void line_source::end_file() {
  if (current_)
    bytes_of_ended_ += current_->bytes_read();
  current_.reset();
}

void line_source::emit(emitter<text_line>& out, const line_splitter::line& line) {
  ++made_;
  if (!line.too_long) {
    out(text_line{std::string{line.text}, file_, line.number});
    return;
  }
  out.reject(std::string{line.text} + "\u2026 (" + std::to_string(line.bytes) + " bytes)",
             permanent("line of " + std::to_string(line.bytes) + " bytes is over the limit of " +
                           std::to_string(options_.max_line_bytes),
                       std::string{file_.view()} + ':' + std::to_string(line.number),
                       "make it shorter, or split it"));
}

void line_source::reject_rest(emitter<text_line>& out, error why) {
  ++made_;
  const std::string_view held = splitter_.unfinished();
  const std::string_view shown = utf8_prefix(held, line_splitter::excerpt_bytes);
  out.reject(std::string{shown} + (shown.size() < held.size() ? "\u2026" : ""), std::move(why));
  end_file();
}

source_progress line_source::progress() const noexcept {
  return {bytes_of_ended_ + (current_ ? current_->bytes_read() : 0), total_bytes_};
}

} // namespace weir::actors
