#include <tests/framework/weir/cluster/support/test_certificates.hpp>

#include <stdexcept>

namespace weir_tests {

using namespace weir::cluster;

namespace {

template <class T>
T must(weir::result<T> r) {
  if (!r)
    throw std::runtime_error(r.error().message());
  return std::move(*r);
}

} // namespace

test_ca::test_ca(const validity& when) : ca_(must(certificate_authority::create("test CA", when))) {
  folder_.write("ca.pem", ca_.own().certificate);
}

tls_files test_ca::host(const std::string& file, const std::vector<std::string>& names,
                        const validity& when) {
  const credentials made = must(ca_.issue(names, when));
  return {.ca = ca_file(),
          .certificate = folder_.write(file + ".pem", made.certificate),
          .key = folder_.write(file + ".key", made.key)};
}

tls_files test_ca::self_signed() {
  return {.ca = ca_file(), .certificate = ca_file(), .key = folder_.write("ca.key", ca_.own().key)};
}

validity expired() {
  const auto now = std::chrono::system_clock::now();
  return {.from = now - std::chrono::hours{48}, .until = now - std::chrono::hours{24}};
}

} // namespace weir_tests
