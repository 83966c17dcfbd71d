#include <tests/end_to_end/support/watched_run.hpp>

#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace weir::test {

std::uint16_t free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(s, reinterpret_cast<const sockaddr*>(&at), size) == 0);
  REQUIRE(::getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  ::close(s);
  return ntohs(at.sin_port);
}

boost::json::object workflow_at(std::uint16_t port) {
  return boost::json::parse(weir_tests::body_of(weir_tests::ask(port, "GET", "/api/v1/workflow")))
      .as_object();
}

double figure_of(const boost::json::object& workflow, const std::string& node, const std::string& figure) {
  for (const auto& n : workflow.at("nodes").as_array())
    if (n.at("id").as_string() == node)
      return n.at(figure).to_number<double>();
  return -1;
}

std::string top_once(std::uint16_t port) {
  const finished top =
      run_program(WEIR_BIN_DIR "/weir", {"top", "--once", "http://127.0.0.1:" + std::to_string(port)});
  INFO(top.err);
  REQUIRE(top.exit == 0);
  return top.out;
}

} // namespace weir::test
