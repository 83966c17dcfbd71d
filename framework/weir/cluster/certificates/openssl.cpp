#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/err.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace weir::cluster::openssl {

std::string last_problem() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown problem of OpenSSL";
}

result<std::string> read_text(const std::filesystem::path& file) {
  constexpr std::uintmax_t most = 1024 * 1024;
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(file, failed);
  if (!failed && size > most)
    return permanent("too large for a certificate or key", file.string());
  errno = 0;
  std::ifstream in{file, std::ios::binary};
  if (failed || !in)
    return permanent("cannot be read: " + (failed ? failed.message() : std::system_category().message(errno)),
                     file.string());
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

} // namespace weir::cluster::openssl
