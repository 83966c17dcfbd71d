#pragma once

// The reviews that the workload `reviews` runs on, and what review-stream makes of them on the way: a part is
// measured on what the parts before it made.

#include <actors/lines/text_line.hpp>
#include <apps/review_stream/knowledge/knowledge.hpp>
#include <apps/review_stream/review.hpp>
#include <bench/workload.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weir::bench {

struct review_corpus {
  std::filesystem::path file; ///< gzip JSON Lines
  std::vector<actors::text_line> lines;
  std::vector<reviews::review> read;
  std::vector<reviews::judged_review> judged;
  std::shared_ptr<reviews::knowledge> knowledge;
  std::uint64_t inflated_bytes = 0;
};

/// 3 KiB a review. Throws when a file cannot be used.
review_corpus make_review_corpus(const sizes& of);

/// A folder for the files of a run; gone with it.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

} // namespace weir::bench
