#pragma once

// One row of a CSV file (RFC 4180) while it is being written: cells that need it are quoted.
//
//     row.text(j.id).text(j.product).number(j.score).empty();
//
// Thread-safety: one thread at a time.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::actors {

struct csv_options {
  /// Between the cells. Default comma.
  char separator = ',';
  /// A text that begins with = + - @ tab or CR gets an apostrophe in front: a spreadsheet would run it as a
  /// formula, and such text may come from strangers. Numbers are left alone. Default on; turn it off when
  /// only programs read the file.
  bool guard_formulas = true;
};

class csv_row {
 public:
  /// Appends to `out`, which must outlive this.
  csv_row(std::string& out, csv_options options) : out_(&out), options_(options) {}

  csv_row& text(std::string_view cell);
  csv_row& number(std::signed_integral auto n) { return integer(n); }
  csv_row& number(std::unsigned_integral auto n) { return natural(n); }
  /// The shortest digits that read back as the same number; not a number and infinities are an empty cell.
  csv_row& number(double n);
  csv_row& empty() { return plain({}); }

 private:
  csv_row& integer(std::int64_t n);
  csv_row& natural(std::uint64_t n);
  csv_row& plain(std::string_view cell);

  std::string* out_;
  csv_options options_;
  bool first_ = true;
};

} // namespace weir::actors
