// weir-bench: how fast Weir is, beside what one would write without it.

#include <bench/measure.hpp>
#include <bench/plot.hpp>
#include <bench/report.hpp>
#include <bench/results.hpp>
#include <bench/workload.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace weir::bench;

struct run_options {
  std::vector<std::string> workloads;  ///< empty = all
  std::vector<std::string> variants;   ///< empty = all
  std::optional<std::uint32_t> repeat; ///< default 3, with --quick 1
  std::string json;
  std::string against;
  sizes of;
};

void list() {
  for (const workload& w : workloads()) {
    std::printf("%s: %s\n", std::string{w.name}.c_str(), std::string{w.about}.c_str());
    for (const variant& v : w.variants({}))
      std::printf("  %s\n", v.name.c_str());
  }
}

/// Those asked for.
std::vector<workload> chosen(const run_options& o) {
  std::vector<workload> some;
  for (const workload& w : workloads())
    if (o.workloads.empty() || std::ranges::find(o.workloads, w.name) != o.workloads.end())
      some.push_back(w);
  const auto known = [&](const std::string& name) {
    return std::ranges::any_of(some, [&](const workload& w) {
      const auto all = w.variants({});
      return std::ranges::find(all, name, &variant::name) != all.end();
    });
  };
  for (const auto& name : o.variants)
    if (!known(name))
      throw CLI::ValidationError("--variant", "no variant is called " + name);
  return some;
}

/// A line on standard error that says what runs, where a person looks on.
std::function<void(const std::string&, std::size_t, std::size_t)> progress_of(const workload& w) {
  if (::isatty(STDERR_FILENO) == 0)
    return {};
  return [name = std::string{w.name}](const std::string& variant, std::size_t done, std::size_t all) {
    std::fprintf(stderr, "\r\033[K%s %s (%zu of %zu)", name.c_str(), variant.c_str(), done + 1, all);
  };
}

void run(const run_options& o) {
  const auto some = chosen(o);
  const auto before = o.against.empty() ? std::vector<measured>{} : read_results(o.against);
  if (!o.json.empty())
    check_writable(o.json);
  std::printf("weir-bench %s, build %s, %u processors\n", WEIR_VERSION, WEIR_BUILD_TYPE,
              std::thread::hardware_concurrency());
  std::vector<measured> all;
  for (const workload& w : some) {
    const auto progress = progress_of(w);
    const auto made =
        measure(w, o.of,
                {.only = o.variants, .repeats = o.repeat.value_or(o.of.quick ? 1 : 3), .progress = progress});
    if (progress)
      std::fputs("\r\033[K", stderr);
    if (made.empty())
      continue;
    std::printf("\n%s: %s\n", std::string{w.name}.c_str(), std::string{w.about}.c_str());
    std::fputs(as_table(made).c_str(), stdout);
    std::fflush(stdout);
    all.insert(all.end(), made.begin(), made.end());
    if (!o.json.empty()) // after each workload: what fails later takes nothing with it
      write_results(o.json, all);
  }
  if (!o.against.empty())
    std::printf("\nagainst %s:\n%s", o.against.c_str(), as_changes(before, all).c_str());
}

void draw_plots(const std::string& results, const std::string& folder) {
  const auto plots = plots_of(read_results(results));
  for (const auto& file : draw(plots, folder))
    std::printf("%s\n", file.c_str());
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"How fast Weir is, beside what one would write without it.", "weir-bench"};
  app.set_version_flag("--version", "weir-bench " WEIR_VERSION);
  app.require_subcommand(1);
  app.add_subcommand("list", "Name the workloads and their variants")->callback(list);
  run_options options;
  std::vector<std::string> names;
  for (const workload& w : workloads())
    names.emplace_back(w.name);
  CLI::App* command = app.add_subcommand("run", "Run workloads and print what they took");
  command->add_option("workload", options.workloads, "Workloads. Default: all")->check(CLI::IsMember(names));
  command->add_option("--repeat", options.repeat, "Times to run each variant. Default: 3, with --quick 1")
      ->check(CLI::Range(1, 1000));
  command->add_option("--variant", options.variants,
                      "Only this variant, and what it is compared with; may be repeated");
  command->add_option("--json", options.json, "Write the figures to this file, too");
  command->add_option("--against", options.against,
                      "Compare with the file that an earlier run wrote with --json");
  command->add_flag("--quick", options.of.quick, "An eighth of the records: a check that it all works");
  command->footer(
      "Each variant runs in a process of its own, in turns with the others. In the table, and in ratio_to{} "
      "of the JSON,\n\"x loop\" is the variant's records a second over those of the loop: more than 1 is "
      "faster. \"x ideal\" is the share of\nthe ideal that it reached.");
  command->add_flag("--full", options.of.full, "Slow variants with all records, not a tenth of them");
  command->callback([&options] { run(options); });
  std::string results = "build/bench/bench.json";
  std::string folder = "build/bench";
  CLI::App* drawing = app.add_subcommand("plot", "Draw results as SVG pictures (with gnuplot)");
  drawing->add_option("--json", results, "What run --json wrote. Default: build/bench/bench.json");
  drawing->add_option("--out", folder, "Folder for the pictures. Default: build/bench");
  drawing->callback([&] { draw_plots(results, folder); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) { // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    std::fprintf(stderr, "error: %s (command line): see weir-bench list and weir-bench run --help\n",
                 wrong.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s (weir-bench): nothing more was done\n", e.what());
    return 1;
  }
  return 0;
}
