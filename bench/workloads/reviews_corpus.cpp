#include <bench/workloads/reviews_corpus.hpp>

#include <actors/files/input_stream.hpp>
#include <actors/lines/row_reader.hpp>
#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/input/read_review.hpp>
#include <apps/review_stream/response/generate_response.hpp>
#include <apps/review_stream/routing/choose_route.hpp>
#include <apps/review_stream/sentiment/analyze_sentiment.hpp>
#include <apps/review_stream/synthetic/review_generator.hpp>
#include <apps/review_stream/topic/categorize_topic.hpp>
#include <apps/review_stream/urgency/rate_urgency.hpp>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <unistd.h>
#include <zlib.h>

namespace weir::bench {

namespace {

constexpr std::uint64_t generated_reviews = 40'000;

template <class T>
T expect(result<T> got) {
  if (!got)
    throw std::runtime_error(got.error().message());
  return *std::move(got);
}

std::filesystem::path generated(std::uint64_t count) {
  static const scratch_folder folder; // gone with the process
  reviews::generator_options options;
  options.phrases = std::make_shared<const reviews::phrase_book>(
      expect(reviews::read_phrases(reviews::default_phrases_path())));
  options.mess_share = 0;
  reviews::review_generator all{std::move(options)};
  const std::string path = folder / "reviews.jsonl.gz";
  const gzFile to = gzopen(path.c_str(), "wb");
  if (to == nullptr)
    throw std::runtime_error("cannot write " + path);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string line = std::string{all.next()} + '\n';
    gzwrite(to, line.data(), static_cast<unsigned>(line.size()));
  }
  if (gzclose(to) != Z_OK)
    throw std::runtime_error("cannot write " + path);
  return path;
}

void read_lines(review_corpus& all) {
  auto inputs = expect(actors::list_inputs({all.file.string()}));
  auto in = expect(actors::input_stream::open(std::move(inputs.front())));
  actors::row_reader rows{actors::shared_text{all.file.string()}, actors::row_format::lines,
                          std::size_t{1} << 20U};
  actors::text_line line;
  for (auto chunk = expect(in.next()); chunk.state == actors::input_stream::state::data;
       chunk = expect(in.next())) {
    all.inflated_bytes += chunk.bytes.size();
    rows.feed(chunk.bytes);
    while (rows.next(line) == actors::row_reader::found::row)
      all.lines.push_back(line);
  }
}

} // namespace

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("cannot make a folder " + name);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
}

review_corpus make_review_corpus(const sizes& of) {
  review_corpus all;
  const char* named = std::getenv("WEIR_REVIEWS");
  all.file = named != nullptr && *named != '\0' ? std::filesystem::path{named}
                                                : generated(of.records(generated_reviews));
  read_lines(all);
  all.knowledge = expect(reviews::knowledge::load({}));
  const reviews::read_review read;
  const reviews::analyze_sentiment feel{all.knowledge, nullptr};
  const reviews::categorize_topic about{all.knowledge};
  const reviews::rate_urgency urgent{all.knowledge};
  const reviews::choose_route who{all.knowledge};
  const reviews::generate_response answer{all.knowledge};
  for (const auto& line : all.lines) {
    all.read.push_back(expect(read(line)));
    auto judged = expect(about(expect(feel(all.read.back()))));
    all.judged.push_back(expect(answer(expect(who(expect(urgent(std::move(judged))))))));
  }
  return all;
}

} // namespace weir::bench
