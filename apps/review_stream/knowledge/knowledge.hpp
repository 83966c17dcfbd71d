#pragma once

// The files that judgements and responses come from, in memory.
//
// Each is loaded once and shared by all workers through a weir::model_cache: a reload replaces it while the
// stream goes on with the old one, and a file that is broken by then changes nothing. Thread-safe.

#include <weir/base/result.hpp>
#include <weir/resource/model_cache.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weir::reviews {

class sentiment_model;
class topic_model;
class response_book;
struct rulebook;

struct knowledge_files {
  std::filesystem::path sentiment = {}; ///< empty = the bundled model
  std::filesystem::path topics = {};    ///< trained topic model; empty = topics come from the rules
  std::filesystem::path rules = {};     ///< topics, urgency, routes; empty = the bundled ones
  std::filesystem::path responses = {}; ///< empty = the bundled ones
};

class knowledge {
 public:
  /// Loads all files; the first that is wrong is the error.
  static result<std::shared_ptr<knowledge>> load(knowledge_files files);

  /// The present state of each; cheap enough for every review. They stay alive as long as they are held. A
  /// load that was under way when the caller's worker was abandoned is the only error.
  result<std::shared_ptr<const sentiment_model>> sentiment() const;
  result<std::shared_ptr<const rulebook>> rules() const;
  result<std::shared_ptr<const response_book>> responses() const;
  /// Null when topics come from the rules.
  result<std::shared_ptr<const topic_model>> topics() const;

  /// Reads all files again. A line for people about each: "sentiment.model: read again (sentiment-1a2b3c4d)",
  /// or that it stays as it was, and why.
  std::vector<std::string> reload();

  /// The contents of all files as they are now, in hashes: "model=… rules=…". Equal where two processes judge
  /// alike.
  std::string fingerprint() const;

 private:
  explicit knowledge(knowledge_files files);

  knowledge_files files_;
  mutable model_cache<sentiment_model> sentiment_;
  mutable model_cache<topic_model> topics_;
  mutable model_cache<rulebook> rules_;
  mutable model_cache<response_book> responses_;
};

} // namespace weir::reviews
