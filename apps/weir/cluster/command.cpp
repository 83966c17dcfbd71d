#include <apps/weir/cluster/command.hpp>

#include <apps/weir/terminal.hpp>
#include <weir/cluster/certificates/files.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace weir::cluster {

namespace {

struct certs_options {
  std::string folder;
  std::vector<std::string> hosts;
};

/// "host1,host1.lan,10.0.0.1"
host_names split(const std::string& text) {
  host_names names{""};
  for (const char c : text)
    if (c == ',')
      names.emplace_back();
    else
      names.back() += c;
  return names;
}

int certs_command(const certs_options& options) {
  std::vector<host_names> hosts;
  for (const std::string& host : options.hosts)
    hosts.push_back(split(host));
  const auto made = make_certificate_files(options.folder, hosts);
  if (!made) {
    print_error(made.error());
    return 1;
  }
  std::printf("%s %s\n", made->new_ca ? "made a CA:" : "signed by the CA that was there:", made->ca.c_str());
  for (const host_files& host : made->hosts)
    std::printf("copy to %s:\n  %s\n  %s\n  %s   (secret)\nand start it there with --tls-ca %s --tls-cert %s "
                "--tls-key %s\n",
                host.name.c_str(), made->ca.c_str(), host.certificate.c_str(), host.key.c_str(),
                made->ca.filename().c_str(), host.certificate.filename().c_str(),
                host.key.filename().c_str());
  std::printf("keep %s off all hosts: whoever has it can join the cluster\n", made->ca_key.c_str());
  return 0;
}

} // namespace

void add_cluster_command(CLI::App& app, int& exit_code) {
  auto* cluster = app.add_subcommand("cluster", "Many hosts as one");
  cluster->require_subcommand(1);
  auto options = std::make_shared<certs_options>();
  auto* certs =
      cluster->add_subcommand("certs", "Make a CA, unless the folder has one, and certificates for hosts");
  certs->add_option("--dir", options->folder, "Where to write them; the CA's key stays there")
      ->type_name("DIR")
      ->required();
  certs
      ->add_option("--host", options->hosts,
                   "A host as others call it, then other names and addresses of it: host1,host1.lan,10.0.0.1")
      ->type_name("NAME[,NAME…]")
      ->required()
      ->expected(1, -1);
  certs->callback([options, &exit_code] { exit_code = certs_command(*options); });
}

} // namespace weir::cluster
