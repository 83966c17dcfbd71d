#include <apps/review_stream/text/file_bytes.hpp>

#include <memory>
#include <system_error>
#include <zlib.h>

namespace weir::reviews {

result<std::string> read_file_bytes(const std::filesystem::path& file) {
  constexpr std::size_t largest = std::size_t{2} << 30U;
  constexpr unsigned block = 1U << 20U;
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status))
    return permanent("no such file", file.string(), "check the path");
  if (std::filesystem::is_directory(status))
    return permanent("is a directory", file.string(), "name one file");
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
      return permanent("more than 2 GiB unpacked", file.string(), "use a part of the file");
    if (count == 0)
      break;
  }
  int code = Z_OK;
  gzerror(in.get(), &code);
  if (code != Z_OK)
    return permanent("gzip data ends too early", file.string(), "copy or pack the file again");
  return bytes;
}

} // namespace weir::reviews
