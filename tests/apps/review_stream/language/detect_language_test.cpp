#include <apps/review_stream/language/detect_language.hpp>

#include <tests/support/catch.hpp>

#include <string>

using weir::reviews::detect_language;

TEST_CASE("The language of a review is found in its text") {
  CHECK(detect_language("", "The lamp arrived late and the shade was cracked.", "") == "en");
  CHECK(detect_language("", "Die Lampe kam zu spät und der Schirm war gerissen.", "") == "de");
  CHECK(detect_language("", "La lámpara llegó tarde y la pantalla estaba rota.", "") == "es");
  CHECK(detect_language("", "台灯来得太晚,灯罩也裂了。", "") == "zh");
  CHECK(detect_language("", "檯燈送到時燈罩已經裂開了,非常失望。", "") == "zh");
  CHECK(detect_language("", "La lampe est arrivée en retard et l'abat-jour était fissuré.", "") == "fr");
}

TEST_CASE("A wrong lang field does not survive a text that says otherwise") {
  CHECK(detect_language("", "Die Lampe kam zu spät und der Schirm war gerissen.", "en") == "de");
  CHECK(detect_language("", "The lamp arrived late and the shade was cracked.", "zh") == "en");
  CHECK(detect_language("", "The lamp arrived late and the shade was cracked.", "no language at all") ==
        "en");
}

TEST_CASE("A text that says too little leaves it to the lang field") {
  CHECK(detect_language("", "ok", "de") == "de");
  CHECK(detect_language("", "", "es-MX") == "es");
  CHECK(detect_language("", "👍👍", "EN") == "en");
  CHECK(detect_language("", "", "") == "unknown");
  CHECK(detect_language("", "👍👍", "") == "unknown");
  CHECK(detect_language("", "", "klingon!") == "unknown");
}

TEST_CASE("The title helps a short text") {
  CHECK(detect_language("Leider nach zwei Wochen schon kaputt gegangen", "Schade", "") == "de");
}

TEST_CASE("Long and broken texts are no trouble") {
  std::string text;
  while (text.size() < 100'000)
    text += "Das war eine sehr schöne Überraschung. ";
  CHECK(detect_language(text, text, "") == "de");
  CHECK(detect_language("", std::string{"\xff\xfe\x80"} + "abc", "") == "unknown");
  CHECK(detect_language("", std::string(300, '\x80'), "en") == "en");
}
