#include <actors/files/input_list.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::actors {

namespace {

error cannot_read(std::string_view noun, int code, const std::string& path) {
  return system_error("cannot read input " + std::string{noun}, code, path,
                      "check the path and that you may read it");
}

result<input_entry> look_at(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return cannot_read("file", errno, path);
  input_entry entry;
  entry.path = path;
  entry.stream = !S_ISREG(status.st_mode);
  entry.bytes = entry.stream ? 0 : static_cast<std::uint64_t>(status.st_size);
  // Without O_NONBLOCK the open of a named pipe would wait for its writer; the flag is on our own open file
  // only.
  file_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | (entry.stream ? O_NONBLOCK : 0))};
  if (!file)
    return cannot_read("file", errno, path);
  if (entry.stream)
    entry.file = std::move(file);
  return entry;
}

result<> add_directory(const std::string& path, std::vector<input_entry>& entries) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(path.c_str()), &::closedir};
  if (!directory)
    return cannot_read("directory", errno, path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* next = ::readdir(directory.get());
    if (next == nullptr)
      break;
    if (next->d_name[0] != '.')
      names.emplace_back(next->d_name);
  }
  if (errno != 0)
    return cannot_read("directory", errno, path);
  std::ranges::sort(names);
  const std::size_t before = entries.size();
  const std::string prefix = path.ends_with('/') ? path : path + '/';
  for (const auto& name : names) {
    std::string file = prefix;
    file += name;
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0)
      return cannot_read("file", errno, file);
    if (!S_ISREG(status.st_mode))
      continue;
    auto entry = look_at(file);
    if (!entry)
      return std::move(entry).error();
    entries.push_back(*std::move(entry));
  }
  if (entries.size() == before)
    return permanent("no files in the input directory", path,
                     "name a directory that holds the files to read");
  return {};
}

} // namespace

result<std::vector<input_entry>> list_inputs(const std::vector<std::string>& names) {
  std::vector<input_entry> entries;
  for (const auto& name : names) {
    if (name == "-") {
      const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
      if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
        return cannot_read("from standard input", EBADF, "-");
      entries.push_back({.path = name, .stream = true, .file = file_descriptor::borrowed(STDIN_FILENO)});
      continue;
    }
    struct stat status{};
    if (::stat(name.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      if (auto added = add_directory(name, entries); !added)
        return std::move(added).error();
      continue;
    }
    auto entry = look_at(name);
    if (!entry)
      return std::move(entry).error();
    entries.push_back(*std::move(entry));
  }
  return entries;
}

} // namespace weir::actors
