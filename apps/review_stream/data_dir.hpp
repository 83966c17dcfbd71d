#pragma once

// Where the files that come with review-stream are.

#include <filesystem>

namespace weir::reviews {

/// The folder with the shipped model, the word lists and the sample: $WEIR_DATA_DIR if it is set; else, seen
/// from the executable, ../share/weir/review_stream (installed) or apps/review_stream/data in a folder above
/// it (built in the source tree). Empty when there is none. Thread-safe as long as nobody changes the
/// environment.
std::filesystem::path data_dir();

/// The sentiment model that is used when none is named: data_dir()/sentiment.model. It need not exist.
std::filesystem::path default_model_path();

/// What made-up reviews are made of: data_dir()/phrases.toml. It need not exist.
std::filesystem::path default_phrases_path();

/// The polarity word lists: data_dir()/lexicon. It need not exist.
std::filesystem::path default_lexicon_dir();

/// The rules for topics, urgency and routing: data_dir()/topics.toml. It need not exist.
std::filesystem::path default_rulebook_path();
/// The templates of drafted responses: data_dir()/responses.toml. It need not exist.
std::filesystem::path default_response_path();

} // namespace weir::reviews
