#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/err.h>

#include <boost/asio/ip/address.hpp>

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

bool is_address(const std::string& name) {
  boost::system::error_code failed;
  boost::asio::ip::make_address(name, failed);
  return !failed;
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
