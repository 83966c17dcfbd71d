#include <apps/review_stream/learning/evaluation.hpp>

#include <algorithm>
#include <apps/review_stream/text/excerpt.hpp>

namespace weir::reviews {
namespace {

// Hits, guesses and rows of each label.
struct tally {
  std::size_t hits = 0, guesses = 0, rows = 0;
  double f1() const {
    return guesses + rows == 0 ? 0 : 2.0 * static_cast<double>(hits) / static_cast<double>(guesses + rows);
  }
};

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::map<std::string, tally> tallies_of(std::span<const outcome> rows) {
  std::map<std::string, tally> labels;
  for (const outcome& row : rows) {
    ++labels[row.label].rows;
    if (!row.guess.empty())
      ++labels[row.guess].guesses;
    if (row.label == row.guess)
      ++labels[row.label].hits;
  }
  return labels;
}

std::vector<prediction> predictions_of(std::span<const outcome> rows) {
  std::vector<prediction> out;
  for (const outcome& row : rows)
    if (!row.guess.empty())
      out.push_back({row.confidence, row.guess == row.label});
  return out;
}

std::map<std::string, quality> measure_by(std::span<const outcome> rows, std::string_view outcome::* field) {
  std::map<std::string, std::vector<outcome>> parts;
  for (const outcome& row : rows)
    if (!(row.*field).empty())
      parts[std::string(row.*field)].push_back(row);
  std::map<std::string, quality> out;
  for (const auto& [name, part] : parts)
    out[name] = measure(part);
  return out;
}

std::vector<mistake> worst_of(std::span<const outcome> rows, std::size_t most) {
  std::vector<const outcome*> wrong;
  for (const outcome& row : rows)
    if (!row.guess.empty() && row.guess != row.label)
      wrong.push_back(&row);
  std::ranges::stable_sort(wrong,
                           [](const outcome* a, const outcome* b) { return a->confidence > b->confidence; });
  wrong.resize(std::min(wrong.size(), most));
  std::vector<mistake> out;
  for (const outcome* row : wrong) {
    constexpr std::size_t longest = 100;
    std::string text(row->title.substr(0, 4 * longest));
    if (!text.empty())
      text += ": ";
    text += row->text.substr(0, 8 * longest);
    out.push_back({std::string(row->id), std::string(row->source), row->label, row->guess, row->confidence,
                   excerpt(text, longest)});
  }
  return out;
}

} // namespace

quality measure(std::span<const outcome> rows) {
  quality out;
  out.rows = rows.size();
  if (rows.empty())
    return out;
  const std::vector<prediction> judged = predictions_of(rows);
  const auto hits = static_cast<std::size_t>(std::ranges::count_if(judged, &prediction::correct));
  out.accuracy = share(hits, rows.size());
  out.accuracy_judged = share(hits, judged.size());
  std::size_t present = 0;
  for (const auto& [label, t] : tallies_of(rows)) {
    if (t.rows == 0)
      continue;
    out.macro_f1 += t.f1();
    ++present;
  }
  out.macro_f1 /= static_cast<double>(present);
  out.calibration_error = calibration_error(judged);
  out.unknown_share = 1 - share(judged.size(), rows.size());
  return out;
}

evaluation summarise(std::span<const outcome> judged, std::span<const outcome> labelled,
                     std::size_t most_mistakes) {
  evaluation out;
  out.all = measure(judged);
  out.by_source = measure_by(judged, &outcome::source);
  out.by_language = measure_by(judged, &outcome::language);
  for (const auto& [label, t] : tallies_of(labelled))
    out.by_label[label] = {t.rows, share(t.hits, t.guesses), share(t.hits, t.rows), t.f1()};
  for (const outcome& row : labelled)
    ++out.confusion[row.label][row.guess.empty() ? std::string(evaluation::no_guess) : row.guess];
  out.calibration = calibration_table(predictions_of(judged));
  out.mistakes = worst_of(judged, most_mistakes);
  const quality three = measure(labelled);
  out.rows_3 = labelled.size();
  out.accuracy_3 = three.accuracy;
  out.macro_f1_3 = three.macro_f1;
  return out;
}

} // namespace weir::reviews
