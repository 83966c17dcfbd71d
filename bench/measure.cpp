#include <bench/measure.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::bench {

namespace {

struct sample {
  double seconds = 0;
  double cpu = 0;
  double peak_mib = 0;
};

double in_seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

/// The child: works, tells the seconds, ends without a look back.
[[noreturn]] void work(const variant& v, int tell) {
  try {
    const auto began = std::chrono::steady_clock::now();
    v.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const double seconds = took.count();
    ::_exit(::write(tell, &seconds, sizeof seconds) == sizeof seconds ? 0 : 1);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s (%s): this is no measurement\n", e.what(), v.name.c_str());
    ::_exit(1);
  }
}

sample run_once(const variant& v) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0)
    throw std::runtime_error("no pipe to a child process");
  std::fflush(nullptr); // or the child prints it again
  const pid_t child = ::fork();
  if (child < 0)
    throw std::runtime_error("cannot start a child process");
  if (child == 0) {
    ::close(ends[0]);
    work(v, ends[1]);
  }
  ::close(ends[1]);
  sample s;
  ssize_t got = 0;
  do
    got = ::read(ends[0], &s.seconds, sizeof s.seconds);
  while (got < 0 && errno == EINTR);
  ::close(ends[0]);
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  if (got != sizeof s.seconds || status != 0)
    throw std::runtime_error("variant " + v.name + " failed");
  s.cpu = in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
  s.peak_mib = static_cast<double>(used.ru_maxrss) / 1024;
  return s;
}

/// Which variants are to run.
std::vector<bool> chosen(const std::vector<variant>& all, const std::vector<std::string>& only) {
  std::vector<bool> taken(all.size(), only.empty());
  const auto take = [&](const std::string& name) {
    const auto at = std::ranges::find(all, name, &variant::name);
    if (at != all.end())
      taken[static_cast<std::size_t>(at - all.begin())] = true;
    return at;
  };
  for (const auto& name : only)
    if (const auto at = take(name); at != all.end())
      for (const auto& [word, other] : at->compared_with)
        take(other);
  return taken;
}

} // namespace

double median(std::vector<double> of) {
  if (of.empty())
    return 0;
  std::ranges::sort(of);
  const std::size_t half = of.size() / 2;
  return of.size() % 2 == 1 ? of[half] : (of[half - 1] + of[half]) / 2;
}

double measured::per_second() const {
  const double s = median(seconds);
  return s > 0 ? static_cast<double>(records) / s : 0;
}

std::vector<measured> measure(const workload& what, const sizes& of, const std::vector<std::string>& only,
                              std::uint32_t repeats) {
  const std::vector<variant> all = what.variants(of);
  const std::vector<bool> taken = chosen(all, only);
  std::vector<measured> made(all.size());
  for (std::uint32_t r = 0; r < repeats; ++r)
    for (std::size_t v = 0; v < all.size(); ++v)
      if (taken[v]) {
        const sample s = run_once(all[v]);
        made[v].seconds.push_back(s.seconds);
        made[v].cpu.push_back(s.cpu);
        made[v].peak_mib = std::max(made[v].peak_mib, s.peak_mib);
      }
  for (std::size_t v = 0; v < all.size(); ++v) {
    made[v].workload = what.name;
    made[v].variant = all[v].name;
    made[v].records = all[v].records;
    const double took = median(made[v].seconds);
    if (all[v].ideal_seconds)
      made[v].ratio_to["ideal"] = took / *all[v].ideal_seconds;
    for (const auto& [word, other] : all[v].compared_with) {
      const auto at = std::ranges::find(all, other, &variant::name) - all.begin();
      if (const double theirs = median(made[static_cast<std::size_t>(at)].seconds); theirs > 0)
        made[v].ratio_to[word] = took / theirs;
    }
  }
  std::erase_if(made, [](const measured& m) { return m.seconds.empty(); });
  return made;
}

} // namespace weir::bench
