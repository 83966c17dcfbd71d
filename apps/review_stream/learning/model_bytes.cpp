#include <apps/review_stream/learning/model_bytes.hpp>

#include <algorithm>
#include <bit>
#include <fstream>
#include <system_error>
#include <weir/base/hash.hpp>

namespace weir::reviews {

void put_number(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void put_float(std::string& out, float value) { put_number(out, std::bit_cast<std::uint32_t>(value), 4); }

std::uint64_t take_number(std::string_view& in, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(in[i])} << (8 * i);
  in.remove_prefix(bytes);
  return value;
}

float take_float(std::string_view& in) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(take_number(in, 4)));
}

void put_checksum(std::string& out) { put_number(out, hash_bytes(out), model_checksum_size); }

bool checksum_fits(std::string_view bytes) {
  if (bytes.size() < model_checksum_size)
    return false;
  std::string_view tail = bytes.substr(bytes.size() - model_checksum_size);
  return take_number(tail, model_checksum_size) ==
         hash_bytes(bytes.substr(0, bytes.size() - model_checksum_size));
}

result<> check_magic(std::string_view bytes, std::string_view magic, const std::string& kind,
                     const std::string& where) {
  if (bytes.substr(0, magic.size()) == magic.substr(0, bytes.size()))
    return {};
  return permanent("not a " + kind + ": its first bytes are not " + std::string(magic), where,
                   "name a file written by `review-stream train`");
}

result<std::string> read_model_bytes(const std::filesystem::path& file, std::size_t largest) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status))
    return permanent("no model file", file.string(),
                     "name one with --model, or make one with `review-stream train`");
  if (std::filesystem::is_directory(status))
    return permanent("the model is a directory", file.string(), "name the model file itself");
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return permanent("cannot read the model file", file.string(), "check its permissions");
  std::string bytes;
  while (in && bytes.size() <= largest) { // in pieces: a bound of many MiB is no reason to take them
    constexpr std::size_t piece = std::size_t{1} << 20U;
    const std::size_t used = bytes.size();
    bytes.resize(used + std::min(piece, largest + 1 - used));
    in.read(bytes.data() + used, static_cast<std::streamsize>(bytes.size() - used));
    bytes.resize(used + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad())
    return permanent("cannot read the model file", file.string(), "check the disk it is on");
  return bytes;
}

result<> write_model_bytes(std::string_view bytes, const std::filesystem::path& file) {
  const std::filesystem::path beside = file.string() + ".part";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    if (!out)
      return permanent("cannot write the model file", file.string(),
                       "check that its folder exists and may be written");
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      std::error_code ignored;
      std::filesystem::remove(beside, ignored);
      return exhausted("cannot write all of the model file", file.string(), "make room on its disk");
    }
  }
  std::error_code failure;
  std::filesystem::rename(beside, file, failure);
  if (failure) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return permanent("cannot put the model file in place: " + failure.message(), file.string(),
                     "name another --output");
  }
  return {};
}

result<model_kind> kind_of_model(const std::filesystem::path& file) {
  const auto start = read_model_bytes(file, model_magic_size - 1);
  if (!start)
    return start.error();
  if (*start == sentiment_magic)
    return model_kind::sentiment;
  if (*start == topic_magic)
    return model_kind::topic;
  return permanent("not a model: its first bytes are neither WEIRSENT nor WEIRTOPI", file.string(),
                   "name a file written by `review-stream train`");
}

} // namespace weir::reviews
