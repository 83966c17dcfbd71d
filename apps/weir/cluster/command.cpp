#include <apps/weir/cluster/command.hpp>

#include <apps/weir/cluster/status_view.hpp>
#include <apps/weir/terminal.hpp>
#include <apps/weir/top/client.hpp>
#include <apps/weir/top/trust.hpp>
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

struct status_options {
  std::string url = "http://127.0.0.1:7461";
  std::string token_file;
  top::trust believed;
  bool json = false;
};

int refuse(const error& why, int code) {
  print_error(why);
  return code;
}

int status_command(const status_options& options) {
  const auto at = top::parse_url(options.url);
  if (!at)
    return refuse(at.error(), 2);
  std::string token;
  if (!options.token_file.empty()) {
    auto read = top::read_token(options.token_file);
    if (!read)
      return refuse(read.error(), 2);
    token = *std::move(read);
  }
  if (!at->tls && (!options.believed.ca.empty() || options.believed.insecure))
    return refuse(permanent("--ca and --insecure are for https", options.url, "use https:// in the URL"), 2);
  std::shared_ptr<ssl_ctx_st> tls;
  if (at->tls) {
    auto made = top::client_context(options.believed);
    if (!made)
      return refuse(made.error(), 2);
    tls = *std::move(made);
  }
  top::client from{*at, std::move(token), std::move(tls)};
  const auto answer = from.cluster();
  if (!answer)
    return refuse(answer.error(), 1);
  const auto shown = options.json ? result<std::string>{*answer + "\n"} : status_text(*answer);
  if (!shown)
    return refuse(shown.error(), 1);
  std::fputs(shown->c_str(), stdout);
  return 0;
}

void add_status(CLI::App& cluster, int& exit_code) {
  auto options = std::make_shared<status_options>();
  auto* status = cluster.add_subcommand("status", "Show the hosts of a cluster that runs");
  status->add_option("url", options->url, "The coordinator's admin listener. Default: http://127.0.0.1:7461")
      ->type_name("URL");
  status->add_option("--token-file", options->token_file, "The token that the listener demands, if it does")
      ->type_name("FILE");
  status
      ->add_option(
          "--ca", options->believed.ca,
          "With https: who may have signed its certificate (PEM). Default: those this machine trusts")
      ->type_name("FILE");
  status->add_flag("--insecure", options->believed.insecure,
                   "With https: believe whoever answers; the token may go to a stranger");
  status->add_flag("--json", options->json, "The answer as it came: one JSON object");
  status->callback([options, &exit_code] { exit_code = status_command(*options); });
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
  add_status(*cluster, exit_code);
  certs->callback([options, &exit_code] { exit_code = certs_command(*options); });
}

} // namespace weir::cluster
