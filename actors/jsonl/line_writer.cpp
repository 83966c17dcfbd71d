#include <actors/jsonl/line_writer.hpp>

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::actors {

result<line_writer> line_writer::open(std::string path, std::string header) {
  line_writer opened;
  opened.header_ = std::move(header);
  opened.path_ = std::move(path);
  if (opened.path_ == "-")
    opened.file_ = file_descriptor::borrowed(STDOUT_FILENO);
  else
    opened.file_ =
        file_descriptor{::open(opened.path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
  const int flags = opened.file_ ? ::fcntl(opened.file_.get(), F_GETFL) : -1;
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
    return system_error("cannot open output file", EBADF, opened.path_, "check that it is open for writing");
  struct stat status{};
  if (!opened.file_ || ::fstat(opened.file_.get(), &status) != 0)
    return system_error("cannot open output file", errno, opened.path_,
                        "check that the directory exists and that you may write there");
  opened.regular_ = S_ISREG(status.st_mode);
  if (opened.regular_ && status.st_size > 0 && opened.path_ != "-") {
    if (auto same = opened.check_header(); !same)
      return std::move(same).error();
    opened.header_.clear();
    if (auto ended = opened.end_torn_line(); !ended)
      return std::move(ended).error();
  }
  return opened;
}

/// Whether what stands at the beginning of the file is the header.
result<> line_writer::check_header() const {
  if (header_.empty())
    return {};
  const file_descriptor reader{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string found(header_.size() + 200, '\0');
  const ssize_t got = reader ? ::pread(reader.get(), found.data(), found.size(), 0) : -1;
  if (got < 0)
    return system_error("cannot read the header of the output file", errno, path_,
                        "check that you may read it, or name another file");
  found.resize(static_cast<std::size_t>(got));
  const std::string_view wanted{header_.data(), header_.size() - 1};
  std::string_view rest = found;
  if (rest.starts_with("\xEF\xBB\xBF")) // as a spreadsheet saves it
    rest.remove_prefix(3);
  if (rest.starts_with(wanted)) {
    rest.remove_prefix(wanted.size());
    if (rest.starts_with('\n') || rest.starts_with("\r\n"))
      return {};
  }
  const std::string first{std::string_view{found}.substr(0, found.find_first_of("\r\n"))};
  return permanent("the output file has another header: '" + first + "' where '" + std::string{wanted} +
                       "' is to be written",
                   path_, "name another file, or move this one away");
}

/// Another writer may have been first, so the file itself is asked.
bool line_writer::needs_header() const {
  struct stat status{};
  return !header_.empty() && (!regular_ || (::fstat(file_.get(), &status) == 0 && status.st_size == 0));
}

result<> line_writer::end_torn_line() {
  const file_descriptor reader{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  char last = '\n';
  if (reader && ::lseek(reader.get(), -1, SEEK_END) >= 0 && ::read(reader.get(), &last, 1) == 1 &&
      last != '\n')
    return write_block("\n");
  return {};
}

error line_writer::failed(int code, const char* doing) const {
  if (code == EPIPE)
    return exhausted("cannot write: the reader has gone", path_, "keep the reader of the output running");
  return system_error(doing, code, path_, "check the file system", error_kind::transient);
}

void line_writer::take_back(std::size_t written) const {
  if (!regular_ || written == 0)
    return;
  const off_t end = ::lseek(file_.get(), 0, SEEK_CUR);
  struct stat status{};
  if (end >= 0 && ::fstat(file_.get(), &status) == 0 && status.st_size == end)
    (void)!::ftruncate(file_.get(), end - static_cast<off_t>(written));
}

result<> line_writer::write(std::string_view lines) {
  if (header_.empty())
    return write_block(lines);
  auto written = write_block(needs_header() ? header_ + std::string{lines} : std::string{lines});
  if (written)
    header_.clear();
  return written;
}

result<> line_writer::write_block(std::string_view lines) {
  std::size_t written = 0;
  while (written < lines.size()) {
    const ssize_t took = ::write(file_.get(), lines.data() + written, lines.size() - written);
    if (took >= 0) {
      written += static_cast<std::size_t>(took);
    } else if (errno == EAGAIN) { // someone made the pipe or terminal non-blocking
      pollfd asked{file_.get(), POLLOUT, 0};
      ::poll(&asked, 1, -1);
    } else if (errno != EINTR) {
      error why = failed(errno, "cannot write");
      take_back(written);
      return why;
    }
  }
  return {};
}

result<> line_writer::sync() {
  if (!header_.empty()) // no line came: the table has a header all the same
    if (auto written = write({}); !written)
      return written;
  if (!regular_)
    return {};
  while (::fsync(file_.get()) != 0)
    if (errno != EINTR)
      return failed(errno, "cannot bring the output to the disk");
  return {};
}

} // namespace weir::actors
