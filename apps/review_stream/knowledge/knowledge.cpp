#include <apps/review_stream/knowledge/knowledge.hpp>

#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/response/response_book.hpp>
#include <apps/review_stream/rules/rulebook.hpp>
#include <apps/review_stream/sentiment/model_file.hpp>
#include <apps/review_stream/topic/topic_model.hpp>
#include <apps/review_stream/topic/topic_model_file.hpp>
#include <weir/base/hash.hpp>

#include <fstream>
#include <iterator>
#include <utility>

namespace weir::reviews {

knowledge::knowledge(knowledge_files files)
    : files_(std::move(files)), sentiment_([](const std::string& path) { return load_model(path); }),
      topics_([](const std::string& path) { return load_topic_model(path); }),
      rules_([](const std::string& path) { return load_rulebook(path); }),
      responses_([](const std::string& path) { return load_response_book(path); }) {
  if (files_.sentiment.empty())
    files_.sentiment = default_model_path();
  if (files_.rules.empty())
    files_.rules = default_rulebook_path();
  if (files_.responses.empty())
    files_.responses = default_response_path();
}

result<std::shared_ptr<knowledge>> knowledge::load(knowledge_files files) {
  std::shared_ptr<knowledge> loaded{new knowledge{std::move(files)}};
  if (auto model = loaded->sentiment(); !model)
    return std::move(model).error();
  if (auto model = loaded->topics(); !model)
    return std::move(model).error();
  if (auto rules = loaded->rules(); !rules)
    return std::move(rules).error();
  if (auto responses = loaded->responses(); !responses)
    return std::move(responses).error();
  return loaded;
}

result<std::shared_ptr<const sentiment_model>> knowledge::sentiment() const {
  return sentiment_.get(files_.sentiment.native());
}

result<std::shared_ptr<const rulebook>> knowledge::rules() const { return rules_.get(files_.rules.native()); }

result<std::shared_ptr<const response_book>> knowledge::responses() const {
  return responses_.get(files_.responses.native());
}

result<std::shared_ptr<const topic_model>> knowledge::topics() const {
  if (files_.topics.empty())
    return std::shared_ptr<const topic_model>{};
  return topics_.get(files_.topics.native());
}

std::vector<std::string> knowledge::reload() {
  std::vector<std::string> news;
  const auto say = [&news](const std::filesystem::path& file, const result<>& done, const std::string& id) {
    news.push_back(file.filename().string() + (done ? ": read again" + (id.empty() ? "" : " (" + id + ")")
                                                    : ": stays as it was: " + done.error().message()));
  };
  const auto again = [](auto& cache, const std::filesystem::path& file) {
    return cache.reload(file.native());
  };
  auto done = again(sentiment_, files_.sentiment);
  const auto model = sentiment();
  say(files_.sentiment, done, model ? (*model)->id() : "");
  if (!files_.topics.empty()) {
    done = again(topics_, files_.topics);
    const auto topic = topics();
    say(files_.topics, done, topic ? (*topic)->id() : "");
  }
  say(files_.rules, again(rules_, files_.rules), {});
  say(files_.responses, again(responses_, files_.responses), {});
  return news;
}

std::string knowledge::fingerprint() const {
  std::string text;
  const auto add = [&text](const char* what, const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    text += what + std::to_string(hash_bytes(bytes));
  };
  add("model=", files_.sentiment);
  if (!files_.topics.empty())
    add(" topics=", files_.topics);
  add(" rules=", files_.rules);
  add(" responses=", files_.responses);
  return text;
}

} // namespace weir::reviews
