#pragma once

// review-stream as its users start it, and what it leaves behind.

#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace weir::test {

/// `WEIR_BIN_DIR/review-stream`.
const std::filesystem::path& review_stream();
/// `review-stream run ARGUMENTS` in `folder`, to its end.
finished run_reviews(const std::filesystem::path& folder, std::vector<std::string> arguments,
                     process_options options = {});

/// Standard error without the lines that events write there.
std::string without_events(std::string_view err);

/// A review as a line of JSON, with its line end.
std::string row(std::string_view id, std::string_view text);
/// Reviews `from` to `to - 1`, with ids "r-0", "r-1", … and a text of `text_bytes` each.
std::string rows(std::size_t from, std::size_t to, std::size_t text_bytes = 40);

/// The object on the last line of standard output; fails the test if there is none.
boost::json::object summary_of(const finished& run);
/// A figure of the summary.
std::uint64_t figure(const boost::json::object& summary, std::string_view name);
/// Every line of a file as an object; fails the test on a line that is none.
std::vector<boost::json::object> json_lines(const std::filesystem::path& file);
std::vector<boost::json::object> json_lines_in(std::string_view text);

/// An integer that the database answers, or -1 when it cannot (yet).
std::int64_t ask_number(const std::filesystem::path& database, const std::string& sql);
std::string ask_text(const std::filesystem::path& database, const std::string& sql);
/// How many reviews are stored.
inline std::int64_t stored(const std::filesystem::path& database) {
  return ask_number(database, "SELECT count(*) FROM reviews");
}

/// Waits until `condition` holds; false when the child has ended or a minute has passed before.
bool eventually(const process& child, const std::function<bool()>& condition);

} // namespace weir::test
