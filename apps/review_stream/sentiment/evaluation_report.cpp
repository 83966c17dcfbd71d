#include <apps/review_stream/sentiment/evaluate.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <iomanip>
#include <sstream>

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

void put_row(std::ostream& out, const std::string& name, const quality& q) {
  out << std::left << std::setw(20) << name << std::right << std::setw(8) << q.rows << std::setw(10)
      << 100 * q.accuracy << std::setw(10) << 100 * q.accuracy_judged << std::setw(10) << 100 * q.macro_f1
      << std::setprecision(4) << std::setw(10) << q.calibration_error << std::setprecision(2) << std::setw(10)
      << 100 * q.unknown_share << '\n';
}

} // namespace

std::string to_text(const evaluation& figures) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  if (figures.folds == 0)
    out << "model " << figures.model << ", " << figures.rows << " rows\n";
  else
    out << figures.folds << "-fold cross-validation, " << figures.rows << " rows\n";
  out << std::left << std::setw(20) << "" << std::right << std::setw(8) << "rows" << std::setw(10)
      << "accuracy" << std::setw(10) << "judged" << std::setw(10) << "macro F1" << std::setw(10) << "ECE"
      << std::setw(10) << "unknown" << '\n';
  put_row(out, "all", figures.all);
  for (const auto& [name, q] : figures.by_source)
    put_row(out, "source " + name, q);
  for (const auto& [name, q] : figures.by_language)
    put_row(out, "language " + name, q);
  out << "Accuracy, F1 and unknown in per cent, over positive and negative rows; unknown counts as wrong in "
         "accuracy, "
         "`judged` leaves it out.\n";
  if (figures.rows_3 > figures.all.rows)
    out << "With neutral rows: " << figures.rows_3 << " rows, accuracy " << 100 * figures.accuracy_3
        << ", macro F1 " << 100 * figures.macro_f1_3 << "\n";
  if (figures.folds != 0)
    out << "Training on all rows: " << figures.training_seconds << " s\n";
  out << "Model file: " << figures.model_bytes << " bytes\n";
  out << "Scoring: " << figures.microseconds << " microseconds of processor time a review\n";
  return std::move(out).str();
}

std::string to_json(const evaluation& figures) {
  json::object out = object_of(figures.all);
  out["rows_read"] = figures.rows;
  out["with_neutral"] = {{"rows", figures.rows_3},
                         {"accuracy", rounded(figures.accuracy_3)},
                         {"macro_f1", rounded(figures.macro_f1_3)}};
  out["by_source"] = object_of(figures.by_source);
  out["by_language"] = object_of(figures.by_language);
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
