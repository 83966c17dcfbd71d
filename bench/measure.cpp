#include <bench/measure.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::bench {

namespace {

struct sample {
  outcome told;
  double cpu = 0;
  double peak_mib = 0;
};

double in_seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(to, text.data(), text.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string read_all(int from) {
  std::string text;
  char some[4096];
  for (;;) {
    const ssize_t n = ::read(from, some, sizeof some);
    if (n > 0)
      text.append(some, static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR)
      return text;
  }
}

/// The child: works, tells the outcome, ends without a look back.
[[noreturn]] void work_alone(const variant& v, int tell, std::uint32_t most_seconds) {
  try {
    ::alarm(most_seconds);
    const auto began = std::chrono::steady_clock::now();
    outcome o = v.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (!o.seconds)
      o.seconds = took.count();
    ::_exit(write_all(tell, to_text(o)) ? 0 : 1);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s (%s): this is no measurement\n", e.what(), v.name.c_str());
    ::_exit(1);
  }
}

sample run_once(const variant& v, std::uint32_t most_seconds) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0)
    throw std::runtime_error("no pipe to a child process");
  std::fflush(nullptr); // or the child prints it again
  const pid_t child = ::fork();
  if (child < 0)
    throw std::runtime_error("cannot start a child process");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody waits for it when the program has been ended
    ::close(ends[0]);
    work_alone(v, ends[1], most_seconds);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    throw std::runtime_error("variant " + v.name + " took longer than " + std::to_string(most_seconds) +
                             " seconds");
  if (WIFSIGNALED(status))
    throw std::runtime_error("variant " + v.name + " was ended by signal " +
                             std::to_string(WTERMSIG(status)));
  if (status != 0)
    throw std::runtime_error("variant " + v.name + " failed");
  sample s{parse_outcome(text)};
  s.cpu = in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
  s.peak_mib = static_cast<double>(used.ru_maxrss) / 1024;
  return s;
}

/// Which variants are to run, by index.
std::vector<std::size_t> chosen(const std::vector<variant>& all, const std::vector<std::string>& only) {
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
  std::vector<std::size_t> which;
  for (std::size_t v = 0; v < all.size(); ++v)
    if (taken[v])
      which.push_back(v);
  return which;
}

void keep(measured& m, const sample& s) {
  m.seconds.push_back(s.told.seconds.value_or(0));
  m.cpu.push_back(s.cpu);
  m.peak_mib = std::max(m.peak_mib, s.peak_mib);
  if (s.told.records)
    m.records = *s.told.records;
  for (const auto& [name, x] : s.told.figures)
    m.figures[name].push_back(x);
}

void compare(measured& mine, const variant& v, const std::vector<measured>& all) {
  if (v.ideal_seconds && median(mine.seconds) > 0)
    mine.ratio_to["ideal"] = *v.ideal_seconds / median(mine.seconds);
  const std::vector<double> ours = mine.rates();
  for (const auto& [word, other] : v.compared_with) {
    const auto at = std::ranges::find(all, other, &measured::variant);
    if (at == all.end())
      throw std::logic_error("variant " + v.name + " is compared with " + other + ", which is none");
    const std::vector<double> theirs = at->rates();
    std::vector<double> ratios;
    for (std::size_t r = 0; r < std::min(ours.size(), theirs.size()); ++r)
      if (theirs[r] > 0)
        ratios.push_back(ours[r] / theirs[r]);
    if (!ratios.empty())
      mine.ratio_to[word] = median(ratios);
  }
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

std::vector<double> measured::rates() const {
  std::vector<double> made;
  for (const double s : seconds)
    made.push_back(s > 0 ? static_cast<double>(records) / s : 0);
  return made;
}

std::vector<measured> measure(const workload& what, const sizes& of, const measure_options& options) {
  const std::vector<variant> all = what.variants(of);
  const std::vector<std::size_t> which = chosen(all, options.only);
  std::vector<measured> made(all.size());
  for (std::size_t v = 0; v < all.size(); ++v) {
    made[v].workload = what.name;
    made[v].variant = all[v].name;
    made[v].records = all[v].records;
  }
  malloc_trim(0); // what earlier workloads had counts in nobody's peak
  for (const std::size_t v : which)
    if (all[v].prepare)
      all[v].prepare();
  std::size_t done = 0;
  for (std::uint32_t r = 0; r < options.repeats; ++r)
    for (std::size_t i = 0; i < which.size(); ++i) {
      const std::size_t v = r % 2 == 0 ? which[i] : which[which.size() - 1 - i];
      if (options.progress)
        options.progress(all[v].name, done++, which.size() * options.repeats);
      keep(made[v], run_once(all[v], options.most_seconds));
    }
  for (std::size_t v = 0; v < all.size(); ++v)
    compare(made[v], all[v], made);
  std::erase_if(made, [](const measured& m) { return m.seconds.empty(); });
  return made;
}

} // namespace weir::bench
