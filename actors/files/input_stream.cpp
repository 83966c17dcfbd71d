#include <actors/files/input_stream.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace weir::actors {

namespace {

bool readable_now(int descriptor) {
  pollfd asked{descriptor, POLLIN, 0};
  return ::poll(&asked, 1, 0) != 0; // an error shows in the read
}

} // namespace

result<input_stream> input_stream::open(input_entry input) {
  input_stream opened;
  opened.path_ = std::move(input.path);
  opened.stream_ = input.stream;
  opened.file_ = std::move(input.file);
  if (!opened.file_)
    opened.file_ = file_descriptor{::open(opened.path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened.file_)
    return system_error("cannot read input file", errno, opened.path_,
                        "check the path and that you may read it");
  opened.raw_.resize(chunk_bytes);
  opened.growing_ = input.growing;
  if (input.skip_compressed) {
    opened.skip_ = input.skip;
  } else if (input.skip > 0) {
    if (::lseek(opened.file_.get(), static_cast<off_t>(input.skip), SEEK_SET) < 0)
      return system_error("cannot read on in input file", errno, opened.path_, "check the file system");
    opened.known_ = true;
    opened.bytes_read_ = opened.made_ = input.skip;
  }
  return opened;
}

error input_stream::broken_at(std::string what) const {
  return permanent(std::move(what), path_ + " at byte " + std::to_string(bytes_read_ - unused_.size()),
                   "what follows in this file was not read: restore it and run again");
}

/// Reads once, behind what is unused.
result<input_stream::fill_result> input_stream::fill() {
  if (at_end_)
    return fill_result::end;
  if (!unused_.empty())
    std::memmove(raw_.data(), unused_.data(), unused_.size());
  unused_ = {raw_.data(), unused_.size()};
  for (;;) {
    if (stream_ && !readable_now(file_.get()))
      return fill_result::waiting;
    const ssize_t got = ::read(file_.get(), raw_.data() + unused_.size(), raw_.size() - unused_.size());
    if (got > 0) {
      bytes_read_ += static_cast<std::uint64_t>(got);
      unused_ = {raw_.data(), unused_.size() + static_cast<std::size_t>(got)};
      return fill_result::filled;
    }
    if (got == 0) {
      at_end_ = !growing_;
      return fill_result::end;
    }
    if (errno == EAGAIN)
      return fill_result::waiting;
    if (errno != EINTR)
      return broken_at(system_error("cannot read on", errno, {}, {}).what);
  }
}

error input_stream::cut_off() const {
  return broken_at(std::string{decoder_ ? decoder_->name() : "compressed"} + " data is cut off");
}

result<input_stream::chunk> input_stream::next() {
  for (;;) {
    auto piece = next_piece();
    if (!piece || piece->state != state::data)
      return piece;
    made_ += piece->bytes.size();
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, piece->bytes.size()));
    skip_ -= skipped;
    piece->bytes.remove_prefix(skipped);
    if (!piece->bytes.empty())
      return piece;
  }
}

result<input_stream::chunk> input_stream::next_piece() {
  while (!known_) {
    const auto filled = fill();
    if (!filled)
      return filled.error();
    if (*filled == fill_result::waiting)
      return chunk{state::waiting, {}};
    if (unused_.size() < magic_bytes && *filled != fill_result::end)
      continue;
    if (growing_ && unused_.size() < magic_bytes && may_be_compressed(unused_))
      return chunk{unused_.empty() ? state::end : state::waiting, {}};
    decoder_ = make_decoder(unused_);
    if (decoder_)
      decoded_.resize(chunk_bytes);
    known_ = true;
  }
  return decoder_ ? next_decoded() : next_plain();
}

result<input_stream::chunk> input_stream::next_plain() {
  if (unused_.empty()) {
    const auto filled = fill();
    if (!filled)
      return filled.error();
    if (*filled != fill_result::filled)
      return chunk{*filled == fill_result::end ? state::end : state::waiting, {}};
  }
  return chunk{state::data, std::exchange(unused_, {})};
}

result<input_stream::chunk> input_stream::next_decoded() {
  for (;;) {
    const auto written = decoder_->decode(unused_, decoded_);
    if (!written)
      return broken_at("corrupt " + std::string{decoder_->name()} + " data: " + written.error().what);
    if (*written > 0)
      return chunk{state::data, {decoded_.data(), *written}};
    const auto filled = fill();
    if (!filled)
      return filled.error();
    if (*filled == fill_result::waiting)
      return chunk{state::waiting, {}};
    if (*filled == fill_result::end) {
      if (decoder_->complete())
        return chunk{state::end, {}};
      if (growing_)
        return chunk{state::waiting, {}};
      return cut_off();
    }
  }
}

} // namespace weir::actors
