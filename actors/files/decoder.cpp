#include <actors/files/decoder.hpp>

#include <algorithm>
#include <new>
#include <optional>
#include <string>

#include <zlib.h>
#include <zstd.h>

namespace weir::actors {

namespace {

class gzip_decoder final : public decoder {
 public:
  gzip_decoder() {
    constexpr int largest_window_gzip_only = MAX_WBITS + 16;
    if (inflateInit2(&stream_, largest_window_gzip_only) != Z_OK)
      throw std::bad_alloc{};
  }
  ~gzip_decoder() override { inflateEnd(&stream_); }
  gzip_decoder(const gzip_decoder&) = delete;
  gzip_decoder& operator=(const gzip_decoder&) = delete;

  std::string_view name() const noexcept override { return "gzip"; }
  bool complete() const noexcept override { return between_members_ && !broken_; }

  result<std::size_t> decode(std::string_view& in, std::span<char> out) override {
    if (broken_)
      return *broken_;
    std::size_t written = 0;
    while (written < out.size()) {
      if (between_members_ && !next_member(in))
        break;
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = static_cast<uInt>(in.size());
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + written);
      stream_.avail_out = static_cast<uInt>(out.size() - written);
      const int answer = inflate(&stream_, Z_NO_FLUSH);
      in.remove_prefix(in.size() - stream_.avail_in);
      written = out.size() - stream_.avail_out;
      if (answer == Z_STREAM_END) {
        between_members_ = true;
      } else if (answer == Z_BUF_ERROR) {
        break; // neither input nor progress
      } else if (answer != Z_OK) {
        broken_ = permanent(stream_.msg != nullptr ? stream_.msg : zError(answer));
        break;
      }
    }
    if (written == 0 && broken_)
      return *broken_;
    return written;
  }

 private:
  /// Zeros after a member are padding (tapes, block devices), as gzip itself takes them.
  bool next_member(std::string_view& in) {
    in.remove_prefix(std::min(in.find_first_not_of('\0'), in.size()));
    if (in.empty())
      return false;
    inflateReset(&stream_);
    between_members_ = false;
    return true;
  }

  z_stream stream_{};
  bool between_members_ = false;
  std::optional<error> broken_;
};

class zstd_decoder final : public decoder {
 public:
  zstd_decoder() : stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (!stream_)
      throw std::bad_alloc{};
  }

  std::string_view name() const noexcept override { return "zstd"; }
  bool complete() const noexcept override { return between_frames_; }

  result<std::size_t> decode(std::string_view& in, std::span<char> out) override {
    if (broken_)
      return *broken_;
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos < to.size) {
      const std::size_t before = to.pos;
      if (from.pos == from.size && between_frames_)
        break;
      const std::size_t answer = ZSTD_decompressStream(stream_.get(), &to, &from);
      if (ZSTD_isError(answer) != 0) {
        broken_ = permanent(ZSTD_getErrorName(answer));
        between_frames_ = false;
        break;
      }
      between_frames_ = answer == 0;
      if (from.pos == from.size && to.pos == before)
        break;
    }
    in.remove_prefix(from.pos);
    if (to.pos == 0 && broken_)
      return *broken_;
    return to.pos;
  }

 private:
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  bool between_frames_ = false;
  std::optional<error> broken_;
};

bool is_zstd(std::string_view first) {
  if (first.size() < magic_bytes)
    return false;
  const bool skippable =
      (static_cast<unsigned char>(first[0]) & 0xF0U) == 0x50 && first.substr(1, 3) == "\x2A\x4D\x18";
  return skippable || first.substr(0, 4) == "\x28\xB5\x2F\xFD";
}

} // namespace

bool may_be_compressed(std::string_view first) noexcept {
  using std::string_view;
  const bool skippable = !first.empty() && (static_cast<unsigned char>(first[0]) & 0xF0U) == 0x50 &&
                         string_view{"\x2A\x4D\x18"}.starts_with(first.substr(1));
  return string_view{"\x1F\x8B"}.starts_with(first.substr(0, 2)) ||
         string_view{"\x28\xB5\x2F\xFD"}.starts_with(first) || skippable;
}

std::unique_ptr<decoder> make_decoder(std::string_view first) {
  if (first.starts_with("\x1F\x8B"))
    return std::make_unique<gzip_decoder>();
  if (is_zstd(first))
    return std::make_unique<zstd_decoder>();
  return nullptr;
}

} // namespace weir::actors
