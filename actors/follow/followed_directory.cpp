#include <actors/follow/followed_directory.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <dirent.h>

namespace weir::actors {

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> opened{::opendir(directory.c_str()), &::closedir};
  if (!opened)
    return names;
  while (const dirent* next = ::readdir(opened.get()))
    if (next->d_name[0] != '.')
      names.emplace_back(next->d_name);
  std::ranges::sort(names);
  return names;
}

result<> followed_directory::look(followed_files& files, bool everything,
                                  const std::vector<std::string>& names) {
  if (everything)
    ++listing_;
  for (const auto& name : everything ? names_in(directory()) : names)
    if (!name.starts_with('.'))
      if (auto looked = look_at(files, name); !looked)
        return looked;
  if (everything) // twice not seen: one that is renamed during a listing may be missed by it
    files.for_each(number, [&](followed_file& file) {
      if (file.listing + 2 <= listing_ && !file.retired)
        files.retire(file);
    });
  return {};
}

result<> followed_directory::look_at(followed_files& files, const std::string& name) {
  const std::string path = directory() + (directory().ends_with('/') ? "" : "/") + name;
  const auto status = status_of(path);
  if (!status || !status->regular)
    return {};
  followed_file* file = files.find(status->identity);
  if (file != nullptr) {
    files.present(*file, path, *status);
  } else {
    auto added = files.add(number, path, *status, {});
    if (!added)
      return std::move(added).error();
    file = *added;
  }
  file->listing = listing_;
  return {};
}

} // namespace weir::actors
