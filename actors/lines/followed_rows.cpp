#include <actors/lines/followed_rows.hpp>

#include <actors/follow/followed_directory.hpp>
#include <actors/follow/followed_path.hpp>

#include <cerrno>
#include <memory>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace weir::actors {

struct followed_rows::file_rows : followed_file::companion {
  file_rows(shared_text file, row_format format, std::size_t max) : rows(std::move(file), format, max) {}
  row_reader rows;
};

namespace {

result<> check_directory(const std::string& path, const char* noun) {
  if (::access(path.c_str(), R_OK | X_OK) == 0)
    return {};
  return system_error(std::string{"cannot read input "} + noun, errno, path,
                      "check the path and that you may read it");
}

} // namespace

result<std::unique_ptr<followed_rows>> followed_rows::open(const std::vector<std::string>& inputs,
                                                           row_format format, std::size_t max_row_bytes,
                                                           const std::shared_ptr<const clock>& time) {
  std::vector<std::unique_ptr<followed_place>> places;
  std::vector<input_entry> streams;
  for (const auto& name : inputs) {
    struct stat status{};
    const bool there = name != "-" && ::stat(name.c_str(), &status) == 0;
    if (there && S_ISDIR(status.st_mode)) {
      if (auto ok = check_directory(name, "directory"); !ok)
        return std::move(ok).error();
      places.push_back(std::make_unique<followed_directory>(name));
      continue;
    }
    if (name == "-" || there) {
      auto listed = list_inputs({name});
      if (!listed)
        return std::move(listed).error();
      if ((*listed)[0].stream) {
        streams.push_back(std::move((*listed)[0]));
        continue;
      }
    }
    auto place = std::make_unique<followed_path>(name);
    if (auto ok = check_directory(place->directory(), "directory"); !ok)
      return std::move(ok).error();
    places.push_back(std::move(place));
  }
  const bool only_pipes = places.empty();
  auto files = followed_files::open(std::move(places), time);
  if (!files)
    return std::move(files).error();
  std::unique_ptr<followed_rows> made{new followed_rows{*std::move(files), format, max_row_bytes}};
  made->only_pipes_ = only_pipes;
  for (auto& entry : streams) {
    row_reader rows{shared_text{entry.path}, format, max_row_bytes};
    auto opened = input_stream::open(std::move(entry));
    if (!opened)
      return std::move(opened).error();
    const bool waits = made->files_.watch().add(opened->descriptor());
    made->pipes_.push_back(std::make_unique<pipe>(pipe{*std::move(opened), std::move(rows), waits}));
  }
  return made;
}

followed_rows::followed_rows(followed_files files, row_format format, std::size_t max_row_bytes)
    : files_(std::move(files)), format_(format), max_(max_row_bytes) {}

row_reader& followed_rows::rows_of(followed_file& file) {
  if (!file.kept)
    file.kept = std::make_unique<file_rows>(shared_text{file.path()}, format_, max_);
  return static_cast<file_rows&>(*file.kept).rows;
}

row_supply::answer followed_rows::reject(rejected_row row) {
  rejection_ = std::move(row);
  return answer::rejected;
}

/// A row of what was read last; `end` when there is none left.
row_supply::answer followed_rows::take_row(text_line& out) {
  const auto found = finishing_ ? current_->finish(out) : current_->next(out);
  if (found == row_reader::found::row)
    return answer::row;
  if (found == row_reader::found::rejected)
    return reject(std::move(current_->rejection()));
  current_ = nullptr;
  finishing_ = false;
  ended_.reset();
  if (restarted_ != nullptr)
    std::exchange(restarted_, nullptr)->kept.reset();
  return answer::end;
}

row_supply::answer followed_rows::next(text_line& out) {
  if (current_ != nullptr)
    if (const auto took = take_row(out); took != answer::end)
      return took;
  auto said = answer::busy;
  for (std::size_t i = pipes_.size(); i > 0; --i)
    if (read_pipe(said))
      return said;
  return only_pipes_ && pipes_.empty() ? answer::end : read_file();
}

/// True when the next pipe had something to say.
bool followed_rows::read_pipe(answer& said) {
  next_pipe_ = (next_pipe_ + 1) % pipes_.size();
  auto& one = pipes_[next_pipe_];
  const std::uint64_t before = one->stream.bytes_read();
  const auto chunk = one->stream.next();
  bytes_ += one->stream.bytes_read() - before;
  if (chunk && chunk->state == input_stream::state::waiting)
    return false;
  said = answer::busy;
  if (chunk && chunk->state == input_stream::state::data) {
    current_ = &one->rows;
    current_->feed(chunk->bytes);
    return true;
  }
  if (one->waits)
    files_.watch().remove(one->stream.descriptor());
  ended_ = std::move(one);
  pipes_.erase(pipes_.begin() + static_cast<std::ptrdiff_t>(next_pipe_));
  if (!chunk) {
    said = reject(ended_->rows.reject_rest(chunk.error()));
    return true;
  }
  current_ = &ended_->rows;
  finishing_ = true;
  return true;
}

row_supply::answer followed_rows::read_file() {
  using kind = followed_files::step::kind;
  auto step = files_.next();
  switch (step.what) {
  case kind::data:
    bytes_ += step.bytes.size();
    current_ = &rows_of(*step.file);
    current_->feed(step.bytes);
    return answer::busy;
  case kind::again:
    restarted_ = step.file;
    [[fallthrough]];
  case kind::quiet:
    current_ = &rows_of(*step.file);
    finishing_ = true;
    return answer::busy;
  case kind::cut_off:
    return reject({std::string{}, std::move(step.why)});
  case kind::broken: {
    auto rest = rows_of(*step.file).reject_rest(std::move(step.why));
    step.file->kept.reset();
    return reject(std::move(rest));
  }
  case kind::failed:
    rejection_.why = std::move(step.why);
    return answer::failed;
  case kind::idle:
    break;
  }
  return answer::waiting;
}

} // namespace weir::actors
