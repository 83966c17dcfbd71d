#include <actors/files/input_stream.hpp>

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
      at_end_ = true;
      return fill_result::end;
    }
    if (errno == EAGAIN)
      return fill_result::waiting;
    if (errno != EINTR)
      return broken_at(system_error("cannot read on", errno, {}, {}).what);
  }
}

result<input_stream::chunk> input_stream::next() {
  while (!known_) {
    const auto filled = fill();
    if (!filled)
      return filled.error();
    if (*filled == fill_result::waiting)
      return chunk{state::waiting, {}};
    if (unused_.size() < magic_bytes && *filled != fill_result::end)
      continue;
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
      return broken_at(std::string{decoder_->name()} + " data is cut off");
    }
  }
}

} // namespace weir::actors
