#pragma once

// The words of a review, as the sentiment model sees them.
//
//   "I <b>LOVE</b> it!!  很好 😀"  ->  i · love · it · ! · ! · 很 · 好 · 😀
//
// - NFKC and lower case, so "ＧＲＥＡＴ", "Great" and "GREAT" are one token; apostrophes inside a word are
// dropped
//   (don't, don’t, dont).
// - One token per Chinese or Japanese character and per emoji (skin tones and joiners are skipped).
// - ! ? : ( ) are tokens, every other sign separates.
// - HTML tags are separators, common entities are decoded.
// - Invalid UTF-8 is a separator; no input is an error.
//
// A tokenizer owns its buffers and reuses them: after the first texts it allocates nothing.
// Thread-safety: one thread at a time; keep one a thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

class tokenizer {
 public:
  /// Bytes of a text that are looked at; the rest is ignored. Bounds the time for a hostile text.
  static constexpr std::size_t max_text_bytes = 64 * 1024;

  /// Starts over with an empty text.
  void clear() noexcept;

  /// Appends the tokens of `text` (its first max_text_bytes) to those that are there.
  void append(std::string_view text);

  std::size_t size() const noexcept { return tokens_.size(); }
  std::string_view operator[](std::size_t i) const noexcept { return range(i, i); }

  /// The tokens from `first` to `last`, both included, with one space between: the n-gram as it is hashed.
  std::string_view range(std::size_t first, std::size_t last) const noexcept {
    return {memory_.data() + tokens_[first].begin, tokens_[last].end - tokens_[first].begin};
  }

  /// All tokens with one space between: equal for texts that differ only in case, spaces, markup and signs.
  std::string_view normalised() const noexcept;

 private:
  struct extent {
    std::uint32_t begin;
    std::uint32_t end;
  };

  std::size_t append_ascii(std::string_view text);
  void put_ascii(char c);
  void put_code_point(std::int32_t code_point);
  void put_letter(std::int32_t code_point, bool needs_normalising);
  void single(std::int32_t code_point);
  void end_word();
  void encode(std::int32_t code_point);
  void begin_token();
  char* room_for(std::size_t bytes);

  std::string memory_;     // the normalised text, and behind it room for more: grown, never made smaller
  std::size_t length_ = 0; // of the normalised text
  std::vector<extent> tokens_;
  std::vector<std::int32_t> word_; // the current word's code points, once it has one outside ASCII
  std::size_t word_begin_ = 0;     // where the current word starts in memory_
  bool in_word_ = false;
  bool wide_ = false;              // the current word lives in word_
  bool needs_normalising_ = false; // word_ is not known to be in NFKC
};

} // namespace weir::reviews
