#include <apps/review_stream/learning/evaluation.hpp>

#include <algorithm>
#include <apps/review_stream/text/excerpt.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

namespace json = boost::json;

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

json::object object_of(const quality& q) {
  return {{"rows", q.rows},
          {"accuracy", rounded(q.accuracy)},
          {"accuracy_judged", rounded(q.accuracy_judged)},
          {"macro_f1", rounded(q.macro_f1)},
          {"calibration_error", rounded(q.calibration_error)},
          {"unknown_share", rounded(q.unknown_share)}};
}

json::object object_of(const std::map<std::string, quality>& parts) {
  json::object out;
  for (const auto& [name, q] : parts)
    out[name] = object_of(q);
  return out;
}

json::object labels_of(const evaluation& figures) {
  json::object out;
  for (const auto& [label, q] : figures.by_label)
    out[label] = {{"rows", q.rows},
                  {"precision", rounded(q.precision)},
                  {"recall", rounded(q.recall)},
                  {"f1", rounded(q.f1)}};
  return out;
}

// Only what happened: a thousand labels make a million pairs.
json::object confusion_of(const evaluation& figures) {
  json::object out;
  for (const auto& [label, guesses] : figures.confusion) {
    json::object row;
    for (const auto& [guess, count] : guesses)
      row[guess] = count;
    out[label] = std::move(row);
  }
  return out;
}

json::array bins_of(const evaluation& figures) {
  json::array out;
  for (const calibration_bin& bin : figures.calibration)
    out.push_back({{"from", rounded(bin.from)},
                   {"to", rounded(bin.to)},
                   {"rows", bin.rows},
                   {"confidence", rounded(bin.confidence)},
                   {"accuracy", rounded(bin.accuracy)}});
  return out;
}

json::array mistakes_of(const evaluation& figures) {
  json::array out;
  for (const mistake& m : figures.mistakes)
    out.push_back({{"id", excerpt(m.id, 100)},
                   {"source", excerpt(m.source, 100)},
                   {"label", m.label},
                   {"guess", m.guess},
                   {"confidence", rounded(m.confidence)},
                   {"text", m.text}});
  return out;
}

constexpr std::size_t name_width = 28;

std::string cell(const std::string& text, std::size_t width) {
  const std::string cut = excerpt(text, width - 2); // a blank between, and "…"
  return std::string(width - std::min(columns_of(cut), width), ' ') + cut;
}

void put_row(std::ostream& out, const std::string& name, const quality& q) {
  out << padded(excerpt(name, name_width - 2), name_width) << std::setw(8) << q.rows << std::setw(10)
      << 100 * q.accuracy << std::setw(10) << 100 * q.accuracy_judged << std::setw(10) << 100 * q.macro_f1
      << std::setprecision(4) << std::setw(10) << q.calibration_error << std::setprecision(2) << std::setw(10)
      << 100 * q.unknown_share << '\n';
}

void put_labels(std::ostream& out, const evaluation& figures) {
  out << '\n'
      << padded("label", name_width) << std::setw(8) << "rows" << std::setw(10) << "precision"
      << std::setw(10) << "recall" << std::setw(10) << "F1" << '\n';
  for (const auto& [label, q] : figures.by_label)
    out << padded(excerpt(label, name_width - 2), name_width) << std::setw(8) << q.rows << std::setw(10)
        << 100 * q.precision << std::setw(10) << 100 * q.recall << std::setw(10) << 100 * q.f1 << '\n';
}

void put_confusion(std::ostream& out, const evaluation& figures) {
  constexpr std::size_t most = 8; // a terminal's width
  constexpr std::size_t width = 17;
  std::vector<std::pair<std::string, std::size_t>> labels;
  for (const auto& [label, q] : figures.by_label)
    labels.emplace_back(label, q.rows);
  std::ranges::stable_sort(labels, [](const auto& a, const auto& b) { return a.second > b.second; });
  out << "\nConfusion matrix: a line for each label, a column for each guess";
  if (labels.size() > most)
    out << "; the " << most << " most frequent of " << labels.size() << " labels (--json has all)";
  out << '\n';
  labels.resize(std::min(labels.size(), most));
  out << std::string(name_width, ' ');
  for (const auto& [guess, rows] : labels)
    out << cell(guess, width);
  out << cell("others", 9) << cell(std::string(evaluation::no_guess), 9) << '\n';
  for (const auto& [label, rows] : labels) {
    out << padded(excerpt(label, name_width - 2), name_width);
    std::size_t others = rows;
    const auto row = figures.confusion.find(label);
    const auto count_of = [&](const std::string& guess) -> std::size_t {
      if (row == figures.confusion.end() || !row->second.contains(guess))
        return 0;
      others -= row->second.at(guess);
      return row->second.at(guess);
    };
    for (const auto& [guess, ignored] : labels)
      out << std::setw(static_cast<int>(width)) << count_of(guess);
    const std::size_t none = count_of(std::string(evaluation::no_guess));
    out << std::setw(9) << others << std::setw(9) << none << '\n';
  }
}

void put_calibration(std::ostream& out, const evaluation& figures) {
  out << '\n'
      << padded("confidence", name_width) << std::setw(8) << "rows" << std::setw(10) << "mean"
      << std::setw(10) << "accuracy" << '\n';
  for (const calibration_bin& bin : figures.calibration) {
    if (bin.rows == 0)
      continue;
    std::ostringstream range;
    range << std::fixed << std::setprecision(1) << bin.from << " to " << bin.to;
    out << padded(range.str(), name_width) << std::setw(8) << bin.rows << std::setw(10)
        << 100 * bin.confidence << std::setw(10) << 100 * bin.accuracy << '\n';
  }
}

void put_mistakes(std::ostream& out, const evaluation& figures) {
  if (figures.mistakes.empty())
    return;
  out << "\nThe most confident mistakes\n";
  for (const mistake& m : figures.mistakes)
    out << std::setprecision(3) << m.confidence << std::setprecision(2) << "  " << excerpt(m.guess, 40)
        << ", but labelled " << excerpt(m.label, 40) << "  "
        << (m.id.empty() ? "" : "[" + excerpt(m.id, 40) + "]  ") << m.text << '\n';
}

} // namespace

std::string to_text(const evaluation& figures) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  if (figures.folds == 0)
    out << "model " << figures.model << ", " << figures.rows << " rows";
  else
    out << figures.folds << "-fold cross-validation, " << figures.rows << " rows";
  if (figures.unlabelled != 0)
    out << ", " << figures.unlabelled << " of them skipped: no label";
  out << '\n'
      << padded("", name_width) << std::setw(8) << "rows" << std::setw(10) << "accuracy" << std::setw(10)
      << "judged" << std::setw(10) << "macro F1" << std::setw(10) << "ECE" << std::setw(10) << "unknown"
      << '\n';
  put_row(out, "all", figures.all);
  for (const auto& [name, q] : figures.by_source)
    put_row(out, "source " + name, q);
  for (const auto& [name, q] : figures.by_language)
    put_row(out, "language " + name, q);
  const bool sentiment = figures.task != "topic";
  out << "Accuracy, F1 and unknown in per cent" << (sentiment ? ", over positive and negative rows" : "")
      << "; unknown counts as wrong in accuracy, `judged` leaves it out.\n";
  if (sentiment && figures.rows_3 > figures.all.rows)
    out << "With neutral rows: " << figures.rows_3 << " rows, accuracy " << 100 * figures.accuracy_3
        << ", macro F1 " << 100 * figures.macro_f1_3 << "\n";
  put_labels(out, figures);
  put_confusion(out, figures);
  put_calibration(out, figures);
  put_mistakes(out, figures);
  out << '\n';
  if (figures.folds != 0)
    out << "Training on all rows: " << figures.training_seconds << " s\n";
  out << "Model file: " << figures.model_bytes << " bytes\n";
  out << "Scoring: " << figures.microseconds << " microseconds of processor time a review\n";
  return std::move(out).str();
}

std::string to_json(const evaluation& figures) {
  json::object out = object_of(figures.all);
  out["rows_read"] = figures.rows;
  out["task"] = figures.task;
  out["unlabelled"] = figures.unlabelled;
  if (figures.task != "topic")
    out["with_neutral"] = {{"rows", figures.rows_3},
                           {"accuracy", rounded(figures.accuracy_3)},
                           {"macro_f1", rounded(figures.macro_f1_3)}};
  out["by_source"] = object_of(figures.by_source);
  out["by_language"] = object_of(figures.by_language);
  out["by_label"] = labels_of(figures);
  out["confusion"] = confusion_of(figures);
  out["calibration"] = bins_of(figures);
  out["mistakes"] = mistakes_of(figures);
  out["microseconds_per_review"] = rounded(figures.microseconds);
  out["model_bytes"] = figures.model_bytes;
  out["model"] = figures.model;
  if (figures.folds != 0) {
    out["folds"] = figures.folds;
    out["training_seconds"] = rounded(figures.training_seconds);
  }
  return json::serialize(out);
}

} // namespace weir::reviews
