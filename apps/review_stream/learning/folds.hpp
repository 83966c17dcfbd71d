#pragma once

// Cross-validation: each part of the rows is judged by a model that the other parts taught.

#include <apps/review_stream/text/features.hpp>
#include <weir/base/hash.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::reviews {

/// The fold of a review, by the hash of its normalised text: equal texts share a fold.
inline unsigned fold_of(const feature_extractor& extracted, unsigned folds) noexcept {
  return static_cast<unsigned>(hash_bytes(extracted.tokens().normalised()) / 7 % folds);
}

/// For each fold: calls `train(rows of the others, options)`, a result, and `judge(trained, i)` for each of
/// its own rows. Then trains on all rows: that is the answer. The first training that fails ends it.
/// `options.progress` is told the share of the whole.
template <class Row, class Options, class Train, class Judge>
auto train_in_folds(std::span<const Row> rows, unsigned folds, const Options& options, Train train,
                    Judge judge) -> std::invoke_result_t<Train&, std::span<const Row>, const Options&> {
  const auto options_of = [&, parts = folds + 1.0](unsigned part) {
    Options nested = options;
    if (options.progress)
      nested.progress = [&options, part, parts](double share, std::string_view next) {
        options.progress((part + share) / parts, next);
      };
    return nested;
  };
  std::vector<unsigned> fold(rows.size());
  feature_extractor scratch;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scratch.extract(rows[i].title, rows[i].text);
    fold[i] = fold_of(scratch, folds);
  }
  for (unsigned held = 0; held < folds; ++held) {
    std::vector<Row> others;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (fold[i] != held)
        others.push_back(rows[i]);
    auto fitted = train(std::span<const Row>{others}, options_of(held));
    if (!fitted)
      return fitted;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (fold[i] == held)
        judge(*fitted, i);
  }
  return train(rows, options_of(folds));
}

} // namespace weir::reviews
