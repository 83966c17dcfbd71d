#include <apps/review_stream/text/features.hpp>
#include <apps/review_stream/text/tokens.hpp>
#include <string>
#include <tests/support/catch.hpp>

using namespace weir::reviews;

namespace {

std::string words(std::string_view text) {
  tokenizer t;
  t.append(text);
  return std::string(t.normalised());
}

} // namespace

TEST_CASE("words are lower case, without apostrophes, and ! ? : ( ) are words") {
  CHECK(words("Great product, works FINE!!") == "great product works fine ! !");
  CHECK(words("I don't / don’t :( ok?") == "i dont dont : ( ok ?");
  CHECK(words("").empty());
  CHECK(words(" ,.;- \n\t").empty());
}

TEST_CASE("letters of other languages are normalised") {
  CHECK(words("ÄRGER über Straße") == "ärger über straße");
  CHECK(words("¡Qué Niño! ¿Sí?") == "qué niño ! sí ?");
  CHECK(words("cafe\xCC\x81") == "caf\xC3\xA9"); // e and a combining acute
  CHECK(words("ＧＲＥＡＴ！") == "great !");     // full width
  CHECK(words("ﬁne") == "fine");                 // ligature
  CHECK(words("ОТЛИЧНО товар") == "отлично товар");
}

TEST_CASE("Chinese and Japanese characters and emoji are words of their own") {
  CHECK(words("质量很好，Nice") == "质 量 很 好 nice");
  CHECK(words("すごい") == "す ご い");
  CHECK(words("ok😀😀good") == "ok 😀 😀 good");
  CHECK(words("👍🏽 ❤️") == "👍 ❤");
}

TEST_CASE("markup is no text") {
  CHECK(words("so <b>good</b><br/>really") == "so good really");
  CHECK(words("a &lt; b &amp; c&nbsp;d &quot;e&quot; don&#39;t &#x41;") == "a b c d e dont a");
  CHECK(words("gr&uuml;n &nosuch; &#; &#xffffffff; &") == "grün nosuch xffffffff");
  CHECK(words("I <3 it, 5 < 6 <") == "i 3 it 5 6");
  CHECK(words("<never closed") == "never closed");
}

TEST_CASE("invalid UTF-8 separates and nothing is read past the end") {
  CHECK(words("good\xFF"
              "bad") == "good bad");
  CHECK(words("cut \xE4\xBD") == "cut");
  CHECK(words("\xC0\x80 \xED\xA0\x80 x") == "x");
  for (int byte = 0; byte < 256; ++byte)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(byte), static_cast<char>(second)};
      tokenizer t;
      t.append(std::string_view(text));
    }
}

TEST_CASE("only the first 64 KiB of a text count") {
  const std::string text = std::string(tokenizer::max_text_bytes, ' ') + "late";
  CHECK(words(text).empty());
}

TEST_CASE("a token range is its n-gram") {
  tokenizer t;
  t.append("Not so good");
  REQUIRE(t.size() == 3);
  CHECK(t[1] == "so");
  CHECK(t.range(1, 2) == "so good");
}

TEST_CASE("features are present or not, words first") {
  feature_extractor extractor;
  CHECK(extractor.extract("good good good").all.size() == 2); // good, good good
  const feature_set features = extractor.extract("bad phone !");
  CHECK(features.words == 2);
  CHECK(features.all.size() == 5);
  CHECK(extractor.extract("").all.empty());
}

TEST_CASE("negated words and words of the title count once more") {
  feature_extractor extractor;
  const auto has = [&](std::string_view name) {
    for (const named_feature& feature : extractor.names())
      if (feature.name == name)
        return true;
    return false;
  };
  extractor.extract("Fine", "I didn't like it at all ! nice");
  CHECK(has("(title) fine"));
  CHECK(has("(not) like"));
  CHECK(has("(not) at"));
  CHECK_FALSE(has("(not) all"));
  extractor.extract("not ! good");
  CHECK_FALSE(has("(not) good"));
  extractor.extract("不好");
  CHECK(has("(not) 好"));
}
