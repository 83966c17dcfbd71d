#include <apps/review_stream/input/field_map.hpp>

#include <tests/support/catch.hpp>

using weir::reviews::columns_of;
using weir::reviews::field;
using weir::reviews::field_map;

TEST_CASE("Fields are found under their own names, and under those given with --map") {
  const auto map = field_map::parse({"text=Comment", "id=Review ID"});
  REQUIRE(map);
  CHECK(map->of("Comment") == field::text);
  CHECK(map->of("Review ID") == field::id);
  CHECK(map->of("rating") == field::rating);
  CHECK_FALSE(map->of("text"));
  CHECK_FALSE(map->of("store"));
}

TEST_CASE("Columns of a table are found whatever their case") {
  const auto columns = columns_of({"ID", " Text ", "Rating", "Store"}, field_map{}, "r.csv:1");
  REQUIRE(columns);
  CHECK((*columns)[0] == field::id);
  CHECK((*columns)[1] == field::text);
  CHECK((*columns)[2] == field::rating);
  CHECK_FALSE((*columns)[3]);
}

TEST_CASE("A table without the needed columns says which there are and what to type") {
  const auto wrong = columns_of({"Review ID", "Body"}, field_map{}, "r.csv:1");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message() ==
        "no column 'id' for the field 'id'; there are: Review ID, Body (r.csv:1): say which column it is: "
        "--map id=COLUMN, or --map id=@line to number the rows");
  const auto half = columns_of({"Review ID", "Body"}, *field_map::parse({"id=Review ID"}), "r.csv:1");
  REQUIRE_FALSE(half);
  CHECK(half.error().fix == "say which column it is: --map text=COLUMN");
  CHECK(columns_of({"Body"}, *field_map::parse({"id=@line", "text=Body"}), "r.csv:1"));
  CHECK(columns_of({"id", "text", "Text"}, field_map{}, "r.csv:1").error().what ==
        "two columns for 'text': 'Text' is the second");
}

TEST_CASE("A wrong --map is refused with the fix") {
  CHECK(field_map::parse({"text"}).error().message() ==
        "no column is named (--map text): write --map FIELD=COLUMN, such as --map text=Comment");
  CHECK(field_map::parse({"text="}).error().what == "no column is named");
  CHECK(field_map::parse({"body=Comment"}).error().fix ==
        "use one of id, text, product, title, rating, category, lang, ts");
  CHECK(field_map::parse({"text=a", "text=b"}).error().what == "'text' is mapped twice");
  CHECK(field_map::parse({"text=a", "title=a"}).error().what == "'a' is mapped to two fields");
}
