#include <apps/review_stream/language/detect_language.hpp>
#include <apps/review_stream/language/evident_language.hpp>

#include <tests/support/catch.hpp>

#include <string>

using weir::reviews::detect_language;
using weir::reviews::evident_language;

TEST_CASE("A text of common words needs no detector") {
  CHECK(evident_language("The lamp arrived late and the shade was cracked.") == "en");
  CHECK(evident_language("WOULD NOT BUY THIS AGAIN, THE HINGE BROKE") == "en");
  CHECK(evident_language("Die Lampe ist schon kaputt und ich habe sie nicht benutzt.") == "de");
  CHECK(evident_language("台灯来得太晚，灯罩也裂了。客服很好，给我换了一个新的，下次还会再来买的。") == "zh");
}

TEST_CASE("Where there is a doubt nothing is said") {
  for (const std::string text :
       {"", "the", "great lamp", "La lampe est arrivée en retard.",
        "De lamp kwam te laat en het glas was stuk.", "La lámpara llegó tarde y la pantalla estaba rota.",
        "とても良いランプです。配送も早くて満足しています。", "台灯很好",
        "The lamp and the shade: und das Glas ist nicht kaputt",
        "Der Verkäufer schrieb: the lamp and the shade are fine",
        "台灯很好，the lamp and the shade are fine"}) {
    INFO(text);
    CHECK(evident_language(text).empty());
  }
}

TEST_CASE("Broken and endless words are no trouble") {
  CHECK(evident_language(std::string(200, 'a')).empty());
  CHECK(evident_language(std::string(200, '\xE5')).size() <= 2);
  CHECK(evident_language("the and \xE5").empty());
  CHECK(evident_language("\xEF\xBC the and this\xE3") == "en");
}

TEST_CASE("What is evident is what the detector finds") {
  CHECK(detect_language("", "The lamp arrived late and the shade was cracked.", "zh") == "en");
  CHECK(detect_language("Fine", "and the lamp is what I have", "de") == "en");
}
