#include <tests/support/development_reviews.hpp>

#include <tests/support/catch.hpp>

#include <cstdlib>

namespace weir::test {

std::filesystem::path development_reviews() {
  const char* named = std::getenv("WEIR_REVIEWS");
  std::filesystem::path file = named != nullptr ? std::filesystem::path(named)
                                                : std::filesystem::path(WEIR_SOURCE_DIR).parent_path() /
                                                      "shared/data/reviews-dev.jsonl.gz";
  if (std::filesystem::exists(file))
    return file;
  WARN("skipped: no " << file.string() << " (WEIR_REVIEWS names another)");
  return {};
}

} // namespace weir::test
