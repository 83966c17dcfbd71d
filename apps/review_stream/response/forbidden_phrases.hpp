#pragma once

// Phrases that no response may hold, such as "we will refund".
//
// Case does not matter, and any white space stands for a blank. A phrase in Latin letters is found where a
// word starts ("guarantee" in "Guaranteed", not in "unguaranteed"), one in Han, which is written without
// blanks, anywhere. Thread-safe.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

namespace weir::reviews {

class forbidden_phrases {
 public:
  /// Nothing is forbidden.
  forbidden_phrases() = default;
  explicit forbidden_phrases(const std::vector<std::string>& phrases);

  /// False if the phrases cannot be searched for: too many, or invalid UTF-8.
  bool usable() const;

  /// The first forbidden phrase in the text as it stands there; empty if there is none.
  std::string first_in(std::string_view text) const;

 private:
  std::shared_ptr<const re2::RE2> any_; // none if nothing is forbidden
};

} // namespace weir::reviews
