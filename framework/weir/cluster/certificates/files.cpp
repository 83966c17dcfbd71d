#include <weir/cluster/certificates/files.hpp>

#include <weir/cluster/certificates/authority.hpp>
#include <weir/cluster/certificates/openssl.hpp>

#include <cerrno>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace weir::cluster {

namespace {

constexpr int ca_years = 10;
constexpr int host_years = 2;

error taken(const std::filesystem::path& file) {
  return permanent("exists, and is not overwritten", file.string(),
                   "remove it, or choose another folder with --dir");
}

result<certificate_authority> existing_ca(const certificate_files& files) {
  auto certificate = openssl::read_text(files.ca);
  if (!certificate)
    return certificate.error();
  auto key = openssl::read_text(files.ca_key);
  if (!key)
    return key.error();
  auto loaded = certificate_authority::load({std::move(*certificate), std::move(*key)});
  if (loaded)
    return loaded;
  return permanent(loaded.error().what, files.ca.string(),
                   "give its folder back ca.pem and ca.key, or use a new one");
}

result<> write_pair(const credentials& pair, const std::filesystem::path& certificate,
                    const std::filesystem::path& key) {
  if (auto r = write_new_file(key, pair.key, true); !r)
    return r;
  return write_new_file(certificate, pair.certificate, false);
}

} // namespace

result<> write_new_file(const std::filesystem::path& file, const std::string& text, bool secret) {
  const int out =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, secret ? 0600 : 0644);
  if (out < 0)
    return errno == EEXIST
               ? taken(file)
               : permanent("cannot be written: " + std::system_category().message(errno), file.string());
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(out, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    written += static_cast<std::size_t>(n);
  }
  const int problem = errno;
  if ((::close(out) == 0) && written == text.size())
    return {};
  ::unlink(file.c_str());
  return permanent("cannot be written: " + std::system_category().message(problem), file.string());
}

result<certificate_files> make_certificate_files(const std::filesystem::path& folder,
                                                 const std::vector<host_names>& hosts) {
  certificate_files files{.ca = folder / "ca.pem", .ca_key = folder / "ca.key", .new_ca = false, .hosts = {}};
  std::error_code failed;
  std::set<std::string> seen{"ca"};
  for (const host_names& names : hosts) {
    const std::string name = names.empty() ? "" : names.front();
    if (!seen.insert(name).second)
      return permanent(name == "ca" ? "a host cannot be called ca, as its files would be the CA's"
                                    : "given twice",
                       "--host " + name, "give every host once, with a name of its own");
    files.hosts.push_back({name, folder / (name + ".pem"), folder / (name + ".key")});
    for (const auto& file : {files.hosts.back().certificate, files.hosts.back().key})
      if (std::filesystem::exists(std::filesystem::symlink_status(file, failed)))
        return taken(file);
  }
  if (hosts.empty())
    return permanent("no host", "--host", "name every host: --host host1 --host host2");

  const bool has_ca = std::filesystem::exists(files.ca, failed);
  const bool has_key = std::filesystem::exists(files.ca_key, failed);
  if (has_ca != has_key)
    return permanent(has_ca ? "the CA's key is missing" : "the CA's certificate is missing",
                     (has_ca ? files.ca_key : files.ca).string(),
                     "bring it back, or choose another folder for a new CA");
  files.new_ca = !has_ca;
  auto ca =
      has_ca ? existing_ca(files) : certificate_authority::create("Weir cluster CA", for_years(ca_years));
  if (!ca)
    return ca.error();
  std::vector<credentials> made;
  for (const host_names& names : hosts) {
    auto one = ca->issue(names, for_years(host_years));
    if (!one)
      return one.error();
    made.push_back(std::move(*one));
  }

  std::filesystem::create_directories(folder, failed);
  if (failed)
    return permanent("cannot be made: " + failed.message(), folder.string(),
                     "choose another folder with --dir");
  if (files.new_ca)
    if (auto r = write_pair(ca->own(), files.ca, files.ca_key); !r)
      return r.error();
  for (std::size_t i = 0; i < made.size(); ++i)
    if (auto r = write_pair(made[i], files.hosts[i].certificate, files.hosts[i].key); !r)
      return r.error();
  return files;
}

} // namespace weir::cluster
