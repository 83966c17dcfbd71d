#include <apps/review_stream/commands/generate.hpp>

#include <apps/review_stream/commands/generate_options.hpp>
#include <apps/review_stream/commands/patient_output.hpp>
#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/options.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

namespace weir::reviews {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t default_count = 1'000;
constexpr std::size_t write_bytes = 65'536; ///< written at once at full speed
constexpr auto shortest_wait = 5ms;         ///< between two writes, so that a high rate costs few of them

/// The words of the command line, before they are understood.
struct words {
  std::optional<std::uint64_t> count;
  std::uint64_t seed = 1;
  double rate = 0; ///< a second; 0 = as fast as it goes
  std::string languages = "en=60,de=15,es=15,zh=10";
  double mess = 0.08;
  std::string mess_kinds = "all";
  std::string start, interval = "30s";
  std::string output = "-";
  std::string phrases;
  std::string summary = "text";
  bool truth = false;
  bool quiet = false;
};

result<generator_options> understand(const words& said) {
  auto book =
      read_phrases(said.phrases.empty() ? default_phrases_path() : std::filesystem::path(said.phrases));
  if (!book)
    return std::move(book).error();
  generator_options options;
  options.phrases = std::make_shared<const phrase_book>(*std::move(book));
  options.seed = said.seed;
  options.mess_share = said.mess;
  options.truth = said.truth;
  auto languages = parse_language_shares(said.languages, *options.phrases);
  if (!languages)
    return std::move(languages).error();
  options.languages = *std::move(languages);
  auto kinds = parse_mess_kinds(said.mess_kinds);
  if (!kinds)
    return std::move(kinds).error();
  options.kinds = *std::move(kinds);
  if (!said.start.empty()) {
    const auto start = parse_start(said.start);
    if (!start)
      return start.error();
    options.start = *start;
  }
  auto interval = parse_duration(said.interval);
  if (!interval || *interval > 24h * 365)
    return permanent("'" + said.interval + "' is not a time between two reviews", "--interval",
                     "give a number and a unit, such as 500ms, 30s or 2h, at most a year");
  options.interval = std::chrono::duration_cast<std::chrono::milliseconds>(*interval);
  return options;
}

/// When each review is due: counted from the first, so that nothing adds up to a drift.
class schedule {
 public:
  explicit schedule(double rate) : rate_(rate), started_(clock_.now()), calendar_(now_on_the_calendar()) {}

  /// How many are due by now.
  std::uint64_t due() const {
    if (rate_ <= 0)
      return UINT64_MAX;
    return static_cast<std::uint64_t>(std::chrono::duration<double>(clock_.now() - started_).count() *
                                      rate_) +
           1;
  }
  time_point time_of(std::uint64_t ordinal) const { return started_ + behind<duration>(ordinal); }
  calendar_time calendar_time_of(std::uint64_t ordinal) const {
    return calendar_ + behind<std::chrono::milliseconds>(ordinal);
  }
  time_point now() const { return clock_.now(); }
  double seconds() const { return std::chrono::duration<double>(clock_.now() - started_).count(); }

 private:
  static calendar_time now_on_the_calendar() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  template <class Duration>
  Duration behind(std::uint64_t ordinal) const {
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(static_cast<double>(ordinal - 1) / rate_));
  }
  double rate_;
  steady_clock clock_;
  time_point started_;
  calendar_time calendar_;
};

/// Makes and writes until the count, a signal or the reader ends it. The exit code.
int write_reviews(review_generator& reviews, patient_output& out, const schedule& plan, const words& said,
                  std::uint64_t count) {
  const bool present_time = said.rate > 0 && said.start.empty();
  std::string lines;
  const auto made = [&] { return reviews.made().lines; };
  while (made() < count && !out.stop_asked()) {
    const std::uint64_t until = std::min(count, plan.due());
    lines.clear();
    while (made() < until && lines.size() < write_bytes) {
      lines += present_time ? reviews.next_at(plan.calendar_time_of(made() + 1)) : reviews.next();
      lines += '\n';
    }
    const auto outcome = out.write(lines);
    if (!outcome) {
      print_error(outcome.error());
      return outcome.error().kind == error_kind::exhausted ? 3 : 1;
    }
    if (*outcome == patient_output::outcome::reader_gone)
      return 0; // it has what it wanted, as `head` has
    if (*outcome == patient_output::outcome::stopped_at_once)
      return 128 + out.last_signal();
    if (said.rate > 0 && made() < count && made() >= until)
      out.wait(std::max(plan.time_of(made() + 1), plan.now() + shortest_wait));
    else
      out.look();
  }
  return 0;
}

int generate(const words& said) {
  auto options = understand(said);
  if (!options) {
    print_error(options.error());
    return 2;
  }
  auto out = patient_output::open(said.output);
  if (!out) {
    print_error(out.error());
    return out.error().kind == error_kind::exhausted ? 3 : 2;
  }
  const std::uint64_t asked = said.count.value_or(said.rate > 0 ? 0 : default_count);
  review_generator reviews{*std::move(options)};
  const schedule plan{said.rate};
  const int exit = write_reviews(reviews, *out, plan, said, asked == 0 ? UINT64_MAX : asked);
  if (!said.quiet) {
    const std::string text = said.summary == "json" ? made_json(reviews.made(), plan.seconds()) + "\n"
                                                    : made_text(reviews.made(), plan.seconds());
    std::fputs(text.c_str(), stderr);
  }
  return exit;
}

} // namespace

void add_generate_command(CLI::App& app, int& exit_code) {
  auto said = std::make_shared<words>();
  auto* command = app.add_subcommand("generate", "Write made-up but plausible reviews as JSON Lines");
  command
      ->add_option("--count", said->count,
                   "How many reviews; 0 = without end. Default: 1000, or without end with --rate")
      ->type_name("N");
  command->add_option("--seed", said->seed, "Same seed and options, same bytes")
      ->type_name("S")
      ->capture_default_str();
  command
      ->add_option(
          "--rate", said->rate,
          "Reviews a second, evenly; what a slow reader held up follows at once. Default: as fast as it goes")
      ->type_name("N")
      ->check(CLI::Range(0.001, 10e6));
  command->add_option("--languages", said->languages, "Shares of the languages that texts are written in")
      ->type_name("XX=N,…")
      ->capture_default_str();
  command->add_option("--mess", said->mess, "Share of lines with something wrong, 0 to 1; 0 = clean")
      ->type_name("SHARE")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option(
          "--mess-kinds", said->mess_kinds,
          "What may be wrong, each as often; all, or some of broken_json, missing_id, missing_text, "
          "wrong_type, repeated_id, repeated_text, markup, emoji, long_text, empty_text, wrong_language, "
          "contact_data, placeholders, odd_space, urgent")
      ->type_name("KIND,…")
      ->capture_default_str();
  command
      ->add_option("--start", said->start,
                   "Time of the first review, ISO 8601 in UTC. Default: 2026-01-01; with --rate the present")
      ->type_name("TIME");
  command
      ->add_option("--interval", said->interval,
                   "Time between two reviews, on average; not used where --rate writes the present time")
      ->type_name("DUR")
      ->capture_default_str();
  command
      ->add_option("--output", said->output,
                   "A file to append to (opened again on SIGHUP), or - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      ->add_option("--phrases", said->phrases, "What reviews are made of. Default: the bundled phrases.toml")
      ->type_name("FILE");
  command->add_flag("--truth", said->truth,
                    "Add to each line what it was made as: \"truth\": {language, sentiment, topics, mess}");
  command
      ->add_option("--summary", said->summary, "The last thing on standard error: text, or json (one line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--quiet", said->quiet, "Print no summary");
  command->callback([said, &exit_code] { exit_code = generate(*said); });
}

} // namespace weir::reviews
