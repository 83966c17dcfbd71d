#include <actors/follow/followed_file.hpp>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace weir::actors {

std::optional<file_status> followed_file::status() const {
  if (stream_)
    return status_of(stream_->descriptor());
  return adopted_ ? status_of(adopted_.get()) : std::nullopt;
}

bool followed_file::begins_otherwise(int descriptor) {
  std::array<char, 256> first{};
  const ssize_t got = ::pread(descriptor, first.data(), first.size(), 0);
  const std::string_view now{first.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  const bool other = !now.starts_with(beginning_);
  if (beginning_.size() < first.size() || other)
    beginning_ = now;
  return other;
}

result<followed_file::begun> followed_file::begin() {
  if (!is_open()) {
    adopted_ = file_descriptor{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!adopted_ && (errno == ENOENT || errno == ENOTDIR))
      return begun::gone;
    if (!adopted_)
      return system_error("cannot read input file", errno, path_, "check that you may read it",
                          errno == EMFILE || errno == ENFILE ? error_kind::transient : error_kind::permanent);
    const auto found = status_of(adopted_.get());
    if (!found || found->identity != identity_) {
      adopted_ = {};
      return begun::gone;
    }
  }
  const int descriptor = stream_ ? stream_->descriptor() : adopted_.get();
  const auto now = status_of(descriptor);
  modified_ = now ? now->modified : 0;
  auto answer = begun::on;
  const bool other = begins_otherwise(descriptor); // asked in any case: it remembers
  if (other || (now && now->size < read_bytes_)) {
    answer = read_bytes_ > 0 ? begun::again : begun::on;
    if (stream_) {
      adopted_ = file_descriptor{::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)};
      stream_.reset();
    }
    ::lseek(adopted_.get(), 0, SEEK_SET);
    read_bytes_ = made_bytes_ = 0;
    compressed_ = within_compressed_ = told_cut = broken = false;
  }
  if (!stream_) {
    input_entry entry;
    entry.path = path_;
    entry.file = std::move(adopted_);
    entry.growing = true;
    entry.skip = made_bytes_;
    entry.skip_compressed = compressed_;
    auto opened = input_stream::open(std::move(entry));
    adopted_ = {};
    if (!opened)
      return std::move(opened).error();
    stream_.emplace(*std::move(opened));
  }
  return answer;
}

result<input_stream::chunk> followed_file::read() {
  auto chunk = stream_->next();
  read_bytes_ = stream_->bytes_read();
  made_bytes_ = stream_->bytes_made();
  compressed_ = stream_->compressed();
  within_compressed_ = chunk && chunk->state == input_stream::state::waiting;
  return chunk;
}

void followed_file::close() {
  stream_.reset();
  adopted_ = {};
}

} // namespace weir::actors
