#include <actors/follow/file_identity.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace weir::actors {

namespace {

std::int64_t nanoseconds(const struct statx_timestamp& t) {
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

std::optional<file_status> ask(int descriptor, const char* path, int flags) {
  struct statx found{};
  if (::statx(descriptor, path, flags, STATX_TYPE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_BTIME,
              &found) != 0)
    return std::nullopt;
  file_status status;
  status.identity.device = ::makedev(found.stx_dev_major, found.stx_dev_minor);
  status.identity.inode = found.stx_ino;
  if ((found.stx_mask & STATX_BTIME) != 0)
    status.identity.born = nanoseconds(found.stx_btime);
  status.size = found.stx_size;
  status.modified = nanoseconds(found.stx_mtime);
  status.regular = S_ISREG(found.stx_mode);
  return status;
}

} // namespace

std::optional<file_status> status_of(const std::string& path) { return ask(AT_FDCWD, path.c_str(), 0); }

std::optional<file_status> status_of(int descriptor) { return ask(descriptor, "", AT_EMPTY_PATH); }

} // namespace weir::actors
