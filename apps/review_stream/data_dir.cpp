#include <apps/review_stream/data_dir.hpp>

#include <cstdlib>
#include <system_error>

namespace weir::reviews {

std::filesystem::path data_dir() {
  namespace fs = std::filesystem;
  if (const char* named = std::getenv("WEIR_DATA_DIR"); named != nullptr && *named != '\0')
    return named;
  std::error_code failure;
  const fs::path executable = fs::read_symlink("/proc/self/exe", failure);
  if (failure)
    return {};
  const fs::path folder = executable.parent_path();
  const fs::path installed = folder.parent_path() / "share/weir/review_stream";
  if (fs::is_directory(installed, failure))
    return installed;
  constexpr int levels_up = 5; // build/release/bin and a little more
  fs::path above = folder;
  for (int i = 0; i < levels_up && above.has_relative_path(); ++i) {
    above = above.parent_path();
    const fs::path in_tree = above / "apps/review_stream/data";
    if (fs::is_directory(in_tree, failure))
      return in_tree;
  }
  return {};
}

std::filesystem::path default_model_path() { return data_dir() / "sentiment.model"; }

std::filesystem::path default_phrases_path() { return data_dir() / "phrases.toml"; }

std::filesystem::path default_lexicon_dir() { return data_dir() / "lexicon"; }

std::filesystem::path default_rulebook_path() { return data_dir() / "topics.toml"; }
std::filesystem::path default_response_path() { return data_dir() / "responses.toml"; }

} // namespace weir::reviews
