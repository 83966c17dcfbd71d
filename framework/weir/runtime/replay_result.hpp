#pragma once

// What became of a request to replay dead letters: see running::replay.

#include <string>
#include <vector>

namespace weir {

struct replay_result {
  struct refusal {
    std::string id;
    std::string node; ///< empty where no such letter is kept
    std::string why;  ///< in words, with what to do instead
  };
  /// Ids of the letters that were taken: no dead letters any more, unless they fail again.
  std::vector<std::string> replayed;
  /// The others asked for. They stay what they are.
  std::vector<refusal> refused;
};

} // namespace weir
