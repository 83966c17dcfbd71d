#include <apps/review_stream/text/file_bytes.hpp>

#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace weir::reviews {
namespace {

constexpr std::size_t largest = std::size_t{2} << 30U;
constexpr unsigned block = 1U << 20U;

error too_much(const std::filesystem::path& file) {
  return permanent("more than 2 GiB unpacked", file.string(), "use a part of the file");
}

bool is_zstd(const std::filesystem::path& file) {
  constexpr std::string_view magic = "\x28\xb5\x2f\xfd";
  std::string start(magic.size(), '\0');
  std::ifstream in(file, std::ios::binary);
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == magic;
}

result<std::string> read_zstd(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> unpacker(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  std::vector<char> packed(block);
  std::string bytes;
  std::size_t open_frame = 0; // 0 between frames
  while (in) {
    in.read(packed.data(), static_cast<std::streamsize>(packed.size()));
    ZSTD_inBuffer from{packed.data(), static_cast<std::size_t>(in.gcount()), 0};
    for (bool full = false; from.pos < from.size || full;) {
      const std::size_t used = bytes.size();
      bytes.resize(used + block);
      ZSTD_outBuffer to{bytes.data() + used, block, 0};
      open_frame = ZSTD_decompressStream(unpacker.get(), &to, &from);
      bytes.resize(used + to.pos);
      if (ZSTD_isError(open_frame) != 0)
        return permanent("zstd data is damaged", file.string(), "copy or pack the file again");
      if (bytes.size() > largest)
        return too_much(file);
      full = open_frame != 0 && to.pos == to.size;
    }
  }
  if (in.bad())
    return permanent("cannot read the file", file.string(), "check the disk it is on");
  if (open_frame != 0)
    return permanent("zstd data ends too early", file.string(), "copy or pack the file again");
  return bytes;
}

// gzip or plain: zlib reads both.
result<std::string> read_gzip(const std::filesystem::path& file) {
  struct closer {
    void operator()(gzFile f) const { gzclose(f); }
  };
  const std::unique_ptr<gzFile_s, closer> in(gzopen(file.c_str(), "rb"));
  if (!in)
    return permanent("cannot read the file", file.string(), "check its permissions");
  gzbuffer(in.get(), block / 4);
  std::string bytes;
  for (;;) {
    const std::size_t used = bytes.size();
    bytes.resize(used + block);
    const int count = gzread(in.get(), bytes.data() + used, block);
    if (count < 0)
      return permanent("gzip data is damaged", file.string(), "copy or pack the file again");
    bytes.resize(used + static_cast<std::size_t>(count));
    if (bytes.size() > largest)
      return too_much(file);
    if (count == 0)
      break;
  }
  int code = Z_OK;
  gzerror(in.get(), &code);
  if (code != Z_OK)
    return permanent("gzip data ends too early", file.string(), "copy or pack the file again");
  return bytes;
}

} // namespace

result<std::string> read_file_bytes(const std::filesystem::path& file) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status))
    return permanent("no such file", file.string(), "check the path");
  if (std::filesystem::is_directory(status))
    return permanent("is a directory", file.string(), "name one file");
  return is_zstd(file) ? read_zstd(file) : read_gzip(file);
}

} // namespace weir::reviews
