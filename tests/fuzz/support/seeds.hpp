#pragma once

// Seeds that encoders make. TARGET --write-seeds=FOLDER writes them as files there and ends: so a corpus is
// made again when a layout has changed.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::fuzz {

using bytes = std::vector<std::byte>;

/// A target that reads more than one kind of thing: the first byte says which.
template <class Kind>
bytes seed(Kind kind, const bytes& rest) {
  bytes made{static_cast<std::byte>(kind)};
  made.insert(made.end(), rest.begin(), rest.end());
  return made;
}

/// To be called by LLVMFuzzerInitialize. `make`: the seeds by name.
template <class Make>
void write_seeds_if_asked(int argc, const char* const* argv, Make make) {
  constexpr std::string_view option = "--write-seeds=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (!argument.starts_with(option))
      continue;
    const std::string folder{argument.substr(option.size())};
    const std::map<std::string, bytes> seeds = make();
    for (const auto& [name, content] : seeds) {
      std::ofstream to{folder + '/' + name, std::ios::binary};
      to.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
      if (!to.flush()) {
        std::fprintf(stderr, "cannot write %s/%s\n", folder.c_str(), name.c_str());
        std::exit(1);
      }
    }
    std::exit(0);
  }
}

} // namespace weir::fuzz
