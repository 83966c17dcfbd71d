#include <tests/cluster/support/namespaces.hpp>

#include <tests/support/catch.hpp>

#include <unistd.h>

namespace weir::test {

namespace {

constexpr const char* ip = "/usr/sbin/ip";
constexpr const char* nft = "/usr/sbin/nft";

std::string prefix() { return "weir-test-" + std::to_string(::getpid()); }

/// Empty where all went well, else what the command said.
std::string run(const char* program, const std::vector<std::string>& arguments) {
  if (::access(program, X_OK) != 0)
    return std::string{program} + " is not there: install iproute2 and nftables";
  const finished end = run_program(program, arguments);
  return end.exit == 0 ? std::string{} : arguments.front() + ": " + end.err + end.out;
}

void must(const char* program, const std::vector<std::string>& arguments) {
  const auto why = run(program, arguments);
  INFO(why);
  REQUIRE(why.empty());
}

} // namespace

bool namespaces_are_there() {
  const std::string probe = prefix() + "-probe";
  std::string why = ::geteuid() != 0 ? "needs root" : run(ip, {"netns", "add", probe});
  if (why.empty()) {
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"-n", probe, "link", "add", "b0", "type", "bridge"},
             {"-n", probe, "link", "add", "v0", "type", "veth", "peer", "name", "v1"},
             {"netns", "exec", probe, nft,
              "add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t "
              "i "
              "numgen random mod 100 < 2 drop"}})
      if (why.empty())
        why = run(ip, command);
    run(ip, {"netns", "del", probe});
  }
  if (!why.empty())
    WARN("no network namespaces here (" << why << "): passed without");
  return why.empty();
}

namespaces::namespaces(std::size_t machines) : hub_(prefix() + "-hub") {
  must(ip, {"netns", "add", hub_});
  made_.push_back(hub_);
  must(ip, {"-n", hub_, "link", "set", "lo", "up"});
  must(ip, {"-n", hub_, "link", "add", "bridge", "type", "bridge"});
  must(ip, {"-n", hub_, "addr", "add", "10.77.0.1/24", "dev", "bridge"});
  must(ip, {"-n", hub_, "link", "set", "bridge", "up"});
  for (std::size_t m = 0; m < machines; ++m) {
    const auto at = name(m);
    const auto port = "m" + std::to_string(m);
    must(ip, {"netns", "add", at});
    made_.push_back(at);
    must(ip, {"-n", at, "link", "set", "lo", "up"});
    must(ip, {"-n", at, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", hub_});
    must(ip, {"-n", hub_, "link", "set", port, "master", "bridge", "up"});
    must(ip, {"-n", at, "addr", "add", address(m) + "/24", "dev", "eth0"});
    must(ip, {"-n", at, "link", "set", "eth0", "up"});
  }
}

namespaces::~namespaces() {
  for (const auto& name : made_)
    run(ip, {"netns", "del", name});
}

std::string namespaces::name(std::size_t machine) const { return prefix() + "-m" + std::to_string(machine); }

std::vector<std::string> namespaces::on(std::size_t machine, const std::string& program,
                                        const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{"netns", "exec", name(machine), program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

void namespaces::drop_incoming(std::size_t machine, unsigned percent) {
  const std::string some = percent >= 100 ? "" : "numgen random mod 100 < " + std::to_string(percent) + " ";
  must(ip, {"netns", "exec", name(machine), nft,
            "add table inet weir; add chain inet weir in { type filter hook input priority 0; }; add rule "
            "inet weir in "
            "iif eth0 " +
                some + "drop"});
}

void namespaces::heal(std::size_t machine) {
  must(ip, {"netns", "exec", name(machine), nft, "delete table inet weir"});
}

} // namespace weir::test
