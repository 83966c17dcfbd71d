#include <actors/lines/line_source.hpp>

#include <actors/lines/followed_rows.hpp>
#include <actors/lines/listed_rows.hpp>

#include <utility>

namespace weir::actors {

namespace {

/// Bounds how long one poll takes when nothing in the input is a line to emit.
constexpr int chunks_per_poll = 4;

} // namespace

result<line_source> line_source::open(line_source_options options) {
  if (!options.time)
    options.time = std::make_shared<steady_clock>();
  const pace speed{options.rate, options.time};
  if (options.follow) {
    auto rows = followed_rows::open(options.inputs, options.format, options.max_line_bytes, options.time);
    if (!rows)
      return std::move(rows).error();
    return line_source{options.limit, speed, *std::move(rows)};
  }
  auto inputs = list_inputs(options.inputs);
  if (!inputs)
    return std::move(inputs).error();
  return line_source{
      options.limit, speed,
      std::make_unique<listed_rows>(*std::move(inputs), options.format, options.max_line_bytes)};
}

line_source::line_source(std::uint64_t limit, pace speed, std::unique_ptr<row_supply> rows)
    : limit_(limit), pace_(std::move(speed)), rows_(std::move(rows)) {}

poll_result line_source::poll(emitter<text_line>& out, std::size_t demand) {
  int chunks = 0;
  const std::uint64_t made_before = made_;
  text_line line;
  while (made_ - made_before < demand) {
    if (limit_ != 0 && made_ >= limit_)
      return poll_result::end();
    if (const duration wait = pace_.wait(); wait > duration{})
      return poll_result::idle_for(wait);
    switch (rows_->next(line)) {
    case row_supply::answer::row:
      out(std::move(line));
      break;
    case row_supply::answer::rejected:
      out.reject(std::move(rows_->rejection().payload), std::move(rows_->rejection().why));
      break;
    case row_supply::answer::busy:
      if (++chunks == chunks_per_poll)
        return poll_result::more();
      continue;
    case row_supply::answer::waiting:
      return poll_result::idle_until_readable(rows_->descriptor());
    case row_supply::answer::failed:
      return poll_result::failed(std::move(rows_->rejection().why));
    case row_supply::answer::end:
      return poll_result::end();
    }
    ++made_;
    pace_.took();
  }
  return poll_result::more();
}

} // namespace weir::actors
