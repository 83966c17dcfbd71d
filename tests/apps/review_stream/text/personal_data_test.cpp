#include <apps/review_stream/text/personal_data.hpp>
#include <tests/support/catch.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <utf8proc.h>

using namespace weir::reviews;

namespace {

std::string masked(std::string text) {
  mask_personal_data(text);
  return text;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code_point = 0;
    const auto taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                        static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (taken <= 0)
      return false;
    at += static_cast<std::size_t>(taken);
  }
  return true;
}

} // namespace

TEST_CASE("e-mail addresses are masked, and nothing around them") {
  const std::pair<std::string, std::string> texts[] = {
      {"write to ann@example.com.", "write to [email]."},
      {"<ann.lee+shop@mail.example.co.uk>", "<[email]>"},
      {"ann@example.com, bob_2@example.org", "[email], [email]"},
      {"请联系ann@example.com谢谢", "请联系[email]谢谢"},
      {"josé.muñoz@correo.example", "[email]"},
      {"ann＠example.com", "[email]"},
      {"ANN@EXAMPLE.COM", "[email]"},
  };
  for (const auto& [text, expected] : texts)
    CHECK(masked(text) == expected);
}

TEST_CASE("handles and lone signs are no e-mail addresses") {
  for (const std::string text : {"thanks @weirstore", "5 pcs @ 3.50", "me@home", "@", "a@b", ".@example.com"})
    CHECK(masked(text) == text);
}

TEST_CASE("phone numbers are masked however they are written") {
  for (const std::string phone :
       {"+49 170 1234567", "+49 (0)170/123 45 67",   "0049 170 1234567",  "+491701234567",
        "0170 1234567",    "0170-1234567",           "(030) 123456",      "030/1234567",
        "01701234567",     "(555) 123-4567",         "555-123-4567",      "555.123.4567",
        "1-800-555-1234",  "+1 (555) 123-4567",      "612 345 678",       "612-34-56-78",
        "91 123 45 67",    "+34 612 345 678",        "612345678",         "13912345678",
        "139 1234 5678",   "139-1234-5678",          "+86 139 1234 5678", "8613912345678",
        "010-12345678",    "0755-12345678",          "400-123-4567",      "+33 6 12 34 56 78",
        "01 23 45 67 89",  "１３９１２３４５６７８", "＋49 170 1234567",  "+44 20 7946 0958",
        "+49–170–1234567"}) {
    INFO(phone);
    CHECK(masked("Now " + phone + ", please") == "Now [phone], please");
    CHECK(masked(phone) == "[phone]");
    CHECK(masked("手机" + phone + "谢谢") == "手机[phone]谢谢");
  }
}

TEST_CASE("behind a word that says phone any number of its length is masked") {
  CHECK(masked("call me at 555-1234") == "call me at [phone]");
  CHECK(masked("Tel.: 5551234567") == "Tel.: [phone]");
  CHECK(masked("mi móvil es el 712 34 5678") == "mi móvil es el [phone]");
  CHECK(masked("Handynummer 815 47 11") == "Handynummer [phone]");
  CHECK(masked("请致电 12345678") == "请致电 [phone]");
  CHECK(masked("tel: 0170 1234567, 7654321") == "tel: [phone], [phone]");
  CHECK(masked("my phone, bought in 2019 2020") == "my phone, bought in 2019 2020");
  CHECK(masked("I called. 5551234 times") == "I called. 5551234 times"); // "called" announces nothing
}

TEST_CASE("payment cards are masked, with any gaps and in full width") {
  for (const std::string card :
       {"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111",
        "4111 11 11 1111 1111", "5500 0000 0000 0004", "340000000000009", "3400 000000 00009",
        "30000000000004", "6011000000000004", "6200000000000005", "3528000000000007", "2221000000000009",
        "４１１１１１１１１１１１１１１１", "4111　1111　1111　1111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4222222222222"}) {
    INFO(card);
    CHECK(masked("paid with " + card + " today") == "paid with [card] today");
    CHECK(masked("卡号" + card + "已付") == "卡号[card]已付");
  }
  CHECK(masked("4111 1111 1111 1111 12/27") == "[card] 12/27");
  CHECK(masked("card4111111111111111x") == "card[card]x");
  CHECK(masked("2019 4111 1111 1111 1111") == "2019 [card]");
  CHECK(masked("4111111111111111 5500000000000004") == "[card] [card]");
  CHECK(masked("1234 5678 9012 3456") == "[card]"); // meant as a card, though its check digit is wrong
}

TEST_CASE("a number of a card's length that is none stays") {
  for (const std::string text :
       {"4111111111111112", "9999999999999995", "2016 2017 2018 2019", "20260504123000123"})
    CHECK(masked(text) == text);
}

TEST_CASE("bank accounts are masked") {
  CHECK(masked("an DE89 3704 0044 0532 0130 00 bitte") == "an [iban] bitte");
  CHECK(masked("DE89370400440532013000") == "[iban]");
  CHECK(masked("GB29NWBK60161331926819.") == "[iban].");
  CHECK(masked("es91 2100 0418 4502 0005 1332 gracias") == "[iban] gracias");
  CHECK(masked("DE12 3456 7890 1234 5678 90") == "[iban]"); // meant as one, though its check sum is wrong
  CHECK(masked("XX99ABCDEFGHIJKLMNOP") == "XX99ABCDEFGHIJKLMNOP");
}

TEST_CASE("dates, prices, sizes, models, ratings and order numbers stay") {
  for (const std::string text : {"since 2019, 2020 and 2021",
                                 "on 2026-05-04 12:30:15",
                                 "2026-05-04T12:30:00Z",
                                 "04.05.2026 14.30 Uhr",
                                 "05/04/2026",
                                 "1.234.567,89 EUR",
                                 "$1,299.99",
                                 "600.000.000",
                                 "1920x1080",
                                 "1920 1080 60",
                                 "10/10",
                                 "5 4 3 5 5 4 2",
                                 "SM-G991B",
                                 "WH1000XM4",
                                 "B08N5WRWNW",
                                 "order 612345678",
                                 "Bestellung 13912345678",
                                 "订单13912345678",
                                 "order 1234567890",
                                 "pedido: 612345678",
                                 "version 10.15.7.1024",
                                 "192.168.100.200",
                                 "12:00 - 13:30",
                                 "0.12345678",
                                 "3.14159265",
                                 "100 ml, 250 ml, 500 ml",
                                 "ISBN 9781234567897",
                                 "http://shop.example/002-4891207-7082407",
                                 "1000000",
                                 "12345678"}) {
    INFO(text);
    CHECK(masked(text) == text);
  }
}

TEST_CASE("the user is told whether anything was masked, also by an earlier run") {
  std::string text = "nothing here";
  CHECK_FALSE(mask_personal_data(text));
  text = "ann@example.com";
  CHECK(holds_personal_data(text));
  CHECK(mask_personal_data(text));
  CHECK_FALSE(mask_personal_data(text));
  CHECK(holds_personal_data(text));
  CHECK(holds_personal_data("call [phone]"));
  CHECK_FALSE(holds_personal_data("array[0] of 2019"));
}

TEST_CASE("the first look passes over texts that hold nothing") {
  CHECK_FALSE(may_hold_personal_data(""));
  CHECK_FALSE(may_hold_personal_data("thanks @weirstore, in 2019 I paid 199"));
  CHECK_FALSE(may_hold_personal_data("2019: 10 good ones, then 1500 bad ones"));
  CHECK_FALSE(may_hold_personal_data("质量很好，Ａ１"));
  CHECK(may_hold_personal_data("a@b"));
  CHECK(may_hold_personal_data("555 12 34"));
  CHECK(may_hold_personal_data("１２３４５６７"));
  CHECK(may_hold_personal_data("a＠b"));
}

TEST_CASE("planted cards, addresses and phone numbers never survive, wherever they stand") {
  const std::vector<std::pair<std::string, std::string>> secrets{
      {"4111111111111111", "1111"},
      {"5500 0000 0000 0004", "0000"},
      {"3400-000000-00009", "00000"},
      {"ann.lee@example.com", "example"},
      {"+49 170 5566778", "556"},
      {"0170 5566778", "556"},
      {"(555) 566-7788", "566"},
      {"612 566 778", "566"},
      {"13955667788", "5566"},
      {"DE89370400440532013000", "3704"},
      {"４１１１１１１１１１１１１１１１", "１１"},
  };
  const std::vector<std::string> around{
      "good", "2 stars", "很好",  "Größe 42", "😀", "<b>", "3 of 5", "is it?", "a.b",     "我们",
      "x",    "señor",   "&amp;", "v2",       "\n", "\t",  "!!",     "100%",   "(so-so)", "Preis: 5 EUR"};
  const std::vector<std::string> parting{" , ", "; ", "\n", " — ", "。", ": ", " | ", "\"", "!"};
  std::mt19937 random{20260504};
  const auto any = [&](const auto& of) -> const auto& { return of[random() % of.size()]; };
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    std::vector<std::string> planted;
    const auto words = 1 + random() % 12;
    for (std::size_t i = 0; i < words; ++i) {
      if (random() % 3 == 0) {
        const auto& [secret, trace] = any(secrets);
        text += any(parting) + secret + any(parting);
        planted.push_back(trace);
      } else {
        text += any(around) + any(parting);
      }
    }
    const std::string clean = masked(text);
    INFO(text << "\n" << clean);
    for (const std::string& trace : planted)
      CHECK(clean.find(trace) == std::string::npos);
    CHECK(is_utf8(clean));
  }
}

TEST_CASE("masking twice changes nothing more, and never breaks a character") {
  const std::vector<std::string> bits{
      "1",  "9",       "0",     "55",   "4111", "1111", "+",  "(",     ")",      " ",   "-",
      ".",  "/",       "tel ",  "@",    "a",    "b.co", "DE", "89",    "０",     "９",  "好",
      "😀", "\n",      "call ", "2019", "、",   "＋",   "（", "order", "0049",   "139", "[",
      "]",  "[phone]", "5678",  "　",   "é",    ",",    "x",  ":",     "370400", "é"};
  std::mt19937 random{7};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 30; left > 0; --left)
      text += bits[random() % bits.size()];
    const std::string once = masked(text);
    if (masked(once) != once || !is_utf8(once) || (once != text && !may_hold_personal_data(text)))
      FAIL_CHECK("text: " << text << "\nonce: " << once << "\ntwice: " << masked(once));
  }
}

TEST_CASE("a long text of nothing but numbers is masked in reasonable time") {
  // Were the time not linear, this would run into the limit of the whole test.
  constexpr std::size_t times = 50'000;
  const std::pair<std::string, std::string> repeated[] = {{"612 ", "612"},
                                                          {"0170 1234567, ", "0170"},
                                                          {"1234567, ", "tel"},
                                                          {"1 1 ", "4111"},
                                                          {"a@b.co ", "@"},
                                                          {"DE89 ", "DE89 3704"},
                                                          {"+49 ", "+49 4"},
                                                          {"a", "@"},
                                                          {"4111111111111111.", "4111"},
                                                          {"20.04.2015 ", "[phone]"}};
  for (const auto& [bit, absent] : repeated) {
    std::string text = "tel ";
    for (std::size_t i = 0; i < times; ++i)
      text += bit;
    mask_personal_data(text);
    INFO(bit << " became " << text.substr(0, 100));
    CHECK(text.find(absent, 100) == std::string::npos);
    CHECK_FALSE(mask_personal_data(text));
  }
}

TEST_CASE("a mark announces no phone number") {
  CHECK(masked("[phone], 7654321") == "[phone], 7654321");
  CHECK(masked("+49 170 1234567; 7654321 words") == "[phone]; 7654321 words");
}

TEST_CASE("invalid UTF-8 is no obstacle") {
  CHECK(masked("\xFF\xFE ann@example.com \xC3") == "\xFF\xFE [email] \xC3");
  CHECK(masked("\xEF\xBC 4111111111111111\xEF") == "\xEF\xBC [card]\xEF");
  CHECK(masked("\xEF\xBC\x90\xEF\xBC") == "\xEF\xBC\x90\xEF\xBC");
}

TEST_CASE("data are found wherever they are in a long text") {
  for (std::size_t before = 230; before < 530; ++before) {
    std::string text(before, 'x');
    text += " call 0170 1234567 or a@b.com ";
    text.append(300, 'y');
    INFO(before);
    CHECK(may_hold_personal_data(text));
    const std::string hidden = masked(text);
    CHECK(hidden.find("[phone] or [email]") != std::string::npos);
  }
}
