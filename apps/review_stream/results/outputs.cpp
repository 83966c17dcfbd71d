#include <apps/review_stream/results/outputs.hpp>

#include <apps/review_stream/results/result_json.hpp>
#include <apps/review_stream/results/review_store.hpp>

#include <utility>

namespace weir::reviews {

actors::json_lines_sink<judged_review> json_lines_output(const std::string& path) {
  return {path, append_json};
}

result<> check_output(const output_uri& out) {
  if (out.what == output_uri::kind::sqlite)
    return check_review_store(out.path);
  auto opened = actors::json_lines_sink<judged_review>::open(out.path, append_json);
  return opened ? result<>{} : result<>{std::move(opened).error()};
}

} // namespace weir::reviews
