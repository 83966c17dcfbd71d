#include <apps/review_stream/learning/labelled_rows.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <tests/support/catch.hpp>
#include <tests/support/temporary_folder.hpp>
#include <zstd.h>

using namespace weir::reviews;

namespace {

std::string packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string many_rows() {
  std::string text = "text,topic\n";
  for (int i = 0; i < 100'000; ++i)
    text += "row number " + std::to_string(i * 7919) + ",topic " + std::to_string(i % 3) + "\n";
  return text;
}

} // namespace

TEST_CASE("a label may be any text, and knows its line") {
  const auto rows = parse_labelled_texts(
      "{\"text\":\"a\",\"topic\":\" late delivery \"}\n\n"
      "{\"text\":\"b\",\"topic\":7}\n{\"text\":\"c\",\"topic\":null}\n{\"text\":\"d\"}\n",
      "f", {.label_field = "topic"});
  REQUIRE(rows);
  REQUIRE(rows->size() == 4);
  CHECK(rows->at(0).label == "late delivery");
  CHECK(rows->at(0).line == 1);
  CHECK(rows->at(1).label == "7");
  CHECK(rows->at(1).line == 3);
  CHECK(rows->at(2).label.empty());
  CHECK(count_unlabelled(*rows) == 2);
}

TEST_CASE("a file without the label's field says how to name it") {
  const auto rows = parse_labelled_texts("text,label\na,b\n", "f", {.label_field = "topic"});
  REQUIRE_FALSE(rows);
  CHECK_THAT(rows.error().message(), Catch::Contains("'topic'") && Catch::Contains("--label-field"));
}

TEST_CASE("zstd is seen from the content, in several frames too, and damage is an error") {
  const weir::test::temporary_folder folder;
  const std::string text = many_rows();
  const std::string half = packed(text.substr(0, text.size() / 2));
  const auto file = folder.write("rows.zst", half + packed(text.substr(text.size() / 2)));
  const auto rows = read_labelled_texts(file, {.label_field = "topic"});
  REQUIRE(rows);
  CHECK(rows->size() == 100'000);
  CHECK(rows->back().label == "topic 0");
  const auto cut = read_labelled_texts(folder.write("cut.zst", half.substr(0, half.size() / 2)), {});
  REQUIRE_FALSE(cut);
  CHECK_THAT(cut.error().message(), Catch::Contains("zstd data ends too early"));
  std::string broken = half;
  broken.replace(broken.size() / 2, 64, std::string(64, '\x55'));
  const auto damaged = read_labelled_texts(folder.write("broken.zst", broken), {.label_field = "topic"});
  REQUIRE_FALSE(damaged);
  CHECK_THAT(damaged.error().message(), Catch::Contains("zstd data"));
}
