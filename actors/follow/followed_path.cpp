#include <actors/follow/followed_path.hpp>

#include <actors/follow/followed_directory.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace weir::actors {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

file_descriptor open_file(const std::string& path) {
  return file_descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

struct generation {
  std::string path;
  file_status status;
  file_descriptor file;

  /// Generations made within one tick of the kernel's clock are told by when they were last written.
  std::pair<std::int64_t, std::int64_t> order() const noexcept {
    return {status.identity.born, status.modified};
  }
};

/// As far as both go, up to 256 bytes.
bool begin_alike(int a, int b) {
  std::array<char, 256> first{};
  std::array<char, 256> second{};
  const ssize_t n = ::pread(a, first.data(), first.size(), 0);
  const ssize_t m = ::pread(b, second.data(), second.size(), 0);
  const auto common = std::min(n, m);
  return common <= 0 || std::equal(first.begin(), first.begin() + common, second.begin());
}

} // namespace

followed_path::followed_path(const std::string& path)
    : followed_place(folder_of(path)), path_(path), name_(path.substr(path.rfind('/') + 1)) {
  truncated();
}

std::vector<std::string> followed_path::siblings() const {
  std::vector<std::string> paths;
  const std::string prefix = path_.substr(0, path_.size() - name_.size());
  for (const auto& name : names_in(directory())) {
    if (name.size() <= name_.size() + 1 || !name.starts_with(name_))
      continue;
    const auto tail = std::string_view{name}.substr(name_.size());
    if (tail.find_first_not_of("0123456789.-_:T") == std::string_view::npos &&
        tail.find_first_of("0123456789") != std::string_view::npos)
      paths.push_back(prefix + name);
  }
  return paths;
}

void followed_path::truncated() {
  look_again_ = 0;
  beside_.clear();
  for (const auto& path : siblings())
    if (const auto status = status_of(path))
      beside_.insert(status->identity);
}

result<> followed_path::add_missed(followed_files& files, const file_status& newest,
                                   const file_descriptor& newest_file) {
  std::vector<generation> missed;
  std::unordered_set<file_identity, file_identity_hash> seen;
  for (const auto& path : siblings()) {
    generation one{path, {}, open_file(path)};
    const auto status = one.file ? status_of(one.file.get()) : std::nullopt;
    if (!status || !status->regular)
      continue;
    one.status = *status;
    if (status->identity.born > newest.identity.born) { // a copy, or a generation that came and went just now
      if (begin_alike(one.file.get(), newest_file.get()))
        seen.insert(status->identity);
      continue; // the look at the next one finds the generation
    }
    if (!seen.insert(status->identity).second)
      continue;
    if (!beside_.contains(status->identity) && files.find(status->identity) == nullptr)
      missed.push_back(std::move(one));
  }
  std::ranges::sort(missed, {}, &generation::order);
  for (auto& one : missed) {
    auto added = files.add(number, path_, one.status, std::move(one.file));
    if (!added)
      return std::move(added).error();
    files.retire(**added);
  }
  beside_.merge(seen); // and those that this listing may have missed stay known
  constexpr std::size_t most_beside = 10'000;
  if (beside_.size() > most_beside)
    truncated();
  return {};
}

result<> followed_path::look(followed_files& files, bool everything, const std::vector<std::string>& names) {
  if (!everything && std::ranges::none_of(names, [&](const auto& n) { return n.starts_with(name_); }))
    return {};
  const auto status = status_of(path_);
  if (has_current_ && status && status->identity == current_) {
    if (followed_file* file = files.find(current_); file != nullptr && file->is_open()) {
      files.present(*file, path_, *status);
      if (file->shrank(status->size)) // what came beside it is a copy of it
        truncated();
      return look_again_ > 0 && look_again_-- > 0 ? add_missed(files, *status, open_file(path_)) : result<>{};
    }
  }
  file_descriptor opened = status && status->regular ? open_file(path_) : file_descriptor{};
  if (status && status->regular && !opened && errno != ENOENT)
    return system_error("cannot read input file", errno, path_, "check that you may read it",
                        error_kind::transient);
  const auto now = opened ? status_of(opened.get()) : std::nullopt;
  if (followed_file* old = has_current_ ? files.find(current_) : nullptr;
      old != nullptr && !(now && now->identity == current_))
    files.retire(*old);
  const bool rotated = current_ != file_identity{};
  has_current_ = now.has_value();
  if (!now)
    return {};
  current_ = now->identity;
  if (followed_file* known = files.find(current_)) { // renamed there and back
    files.present(*known, path_, *now);
    return {};
  }
  // The new one must be known while the missed ones are looked for: it may be renamed meanwhile.
  beside_.insert(current_);
  if (auto added = add_missed(files, *now, opened); !added)
    return added;
  look_again_ = rotated ? 2 : 0;
  auto added = files.add(number, path_, *now, std::move(opened));
  return added ? result<>{} : result<>{std::move(added).error()};
}

} // namespace weir::actors
