#include <actors/files/file_descriptor.hpp>

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace weir::actors {

file_descriptor::~file_descriptor() {
  if (owned_ && number_ >= 0)
    ::close(number_);
}

bool is_disk_full(int code) noexcept { return code == ENOSPC || code == EDQUOT || code == EFBIG; }

error system_error(std::string what, int code, std::string where, std::string fix, error_kind kind) {
  if (is_disk_full(code))
    return exhausted("disk full: " + what + ": " + std::generic_category().message(code), std::move(where),
                     "free some space and run again");
  return {what + ": " + std::generic_category().message(code), std::move(where), std::move(fix), kind};
}

} // namespace weir::actors
