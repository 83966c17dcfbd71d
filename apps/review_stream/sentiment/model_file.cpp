#include <apps/review_stream/sentiment/model_file.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <weir/base/hash.hpp>

namespace weir::reviews {
namespace {

constexpr std::string_view magic = "WEIRSENT";
constexpr std::size_t parameter_count = 7;
constexpr std::size_t fixed_size = 8 + 4 + 4 + parameter_count * 4 + 4;
constexpr std::size_t checksum_size = 8;
constexpr std::size_t longest_description = 64 * 1024;
constexpr std::size_t lists_size = 4 + 4 + 4; // without its entries
constexpr std::size_t entry_size = 5;
constexpr std::size_t most_entries = 100'000;
constexpr std::size_t largest_file =
    fixed_size + longest_description + lists_size + most_entries * entry_size + feature_count + checksum_size;
constexpr const char* retrain = "train it again with `review-stream train`";

void put(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint64_t take(std::string_view& in, unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(in[i])} << (8 * i);
  in.remove_prefix(bytes);
  return value;
}

} // namespace

std::string encode_model(const sentiment_model& model) {
  const sentiment_parameters& p = model.parameters();
  const std::string_view description = std::string_view(model.description()).substr(0, longest_description);
  std::string out(magic);
  put(out, model_file_version, 4);
  put(out, feature_bits, 4);
  for (const float f : {p.scale, p.bias, p.slope, p.offset, p.neutral_band, p.min_coverage, p.sparse_score})
    put(out, std::bit_cast<std::uint32_t>(f), 4);
  put(out, description.size(), 4);
  out += description;
  const word_list_part& lists = model.lists();
  const std::size_t entries = std::min(lists.entries.size(), most_entries);
  put(out, std::bit_cast<std::uint32_t>(lists.gain), 4);
  put(out, std::bit_cast<std::uint32_t>(lists.offset), 4);
  put(out, entries, 4);
  for (std::size_t i = 0; i < entries; ++i) {
    put(out, lists.entries[i].bucket, 4);
    out.push_back(static_cast<char>(lists.entries[i].weight));
  }
  for (const std::int8_t weight : model.weights())
    out.push_back(static_cast<char>(weight));
  put(out, hash_bytes(out), 8);
  return out;
}

result<sentiment_model> decode_model(std::string_view bytes, const std::string& where) {
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size()))
    return permanent("not a sentiment model: its first bytes are not WEIRSENT", where,
                     "name a file written by `review-stream train`");
  const auto truncated = [&](std::size_t expected) {
    return permanent("model file is truncated: " + std::to_string(bytes.size()) + " bytes of " +
                         std::to_string(expected),
                     where, std::string("copy it again, or ") + retrain);
  };
  if (bytes.size() < fixed_size)
    return truncated(fixed_size + feature_count + checksum_size);
  std::string_view rest = bytes.substr(magic.size());
  if (const auto version = take(rest, 4); version != model_file_version)
    return permanent("model file has version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(model_file_version),
                     where, retrain);
  if (const auto bits = take(rest, 4); bits != feature_bits)
    return permanent("model has 2^" + std::to_string(bits) + " features, this program uses 2^" +
                         std::to_string(feature_bits),
                     where, retrain);
  std::array<float, parameter_count> p{};
  bool finite = true;
  for (float& f : p) {
    f = std::bit_cast<float>(static_cast<std::uint32_t>(take(rest, 4)));
    finite = finite && std::isfinite(f);
  }
  const std::size_t description = take(rest, 4);
  std::size_t expected = fixed_size + description + lists_size + feature_count + checksum_size;
  if (bytes.size() < expected)
    return truncated(expected);
  const std::string_view words = rest.substr(0, description);
  rest.remove_prefix(description);
  word_list_part lists;
  for (float* f : {&lists.gain, &lists.offset}) {
    *f = std::bit_cast<float>(static_cast<std::uint32_t>(take(rest, 4)));
    finite = finite && std::isfinite(*f);
  }
  const std::size_t entries = take(rest, 4);
  expected += entries * entry_size;
  if (bytes.size() < expected)
    return truncated(expected);
  const auto damaged = [&](std::string what) {
    return permanent(std::move(what), where,
                     std::string("the file was damaged: copy it again, or ") + retrain);
  };
  if (bytes.size() > expected)
    return damaged("model file has " + std::to_string(bytes.size() - expected) + " bytes too many");
  std::string_view tail = bytes.substr(bytes.size() - checksum_size);
  if (take(tail, 8) != hash_bytes(bytes.substr(0, bytes.size() - checksum_size)))
    return damaged("model file fails its checksum");
  if (!finite)
    return damaged("model file has a parameter that is not a number");
  for (std::size_t i = 0; i < entries; ++i) {
    const auto bucket = static_cast<std::uint32_t>(take(rest, 4));
    lists.entries.push_back({bucket, static_cast<std::int8_t>(take(rest, 1))});
  }
  std::vector<std::int8_t> weights(feature_count);
  std::memcpy(weights.data(), rest.data(), feature_count);
  return sentiment_model({p[0], p[1], p[2], p[3], p[4], p[5], p[6]}, std::move(weights), std::move(lists),
                         std::string(words));
}

result<sentiment_model> load_model(const std::filesystem::path& file) {
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
  std::string bytes(largest_file + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad())
    return permanent("cannot read the model file", file.string(), "check the disk it is on");
  return decode_model(bytes, file.string());
}

result<> save_model(const sentiment_model& model, const std::filesystem::path& file) {
  const std::filesystem::path beside = file.string() + ".part";
  const std::string bytes = encode_model(model);
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

} // namespace weir::reviews
