#include <apps/review_stream/sentiment/model_file.hpp>

#include <algorithm>
#include <apps/review_stream/learning/model_bytes.hpp>
#include <array>
#include <cmath>
#include <cstring>

namespace weir::reviews {
namespace {

constexpr std::string_view magic = sentiment_magic;
constexpr std::size_t parameter_count = 7;
constexpr std::size_t fixed_size = 8 + 4 + 4 + parameter_count * 4 + 4;
constexpr std::size_t checksum_size = model_checksum_size;
constexpr std::size_t longest_description = 64 * 1024;
constexpr std::size_t lists_size = 4 + 4 + 4; // without its entries
constexpr std::size_t entry_size = 5;
constexpr std::size_t most_entries = 100'000;
constexpr std::size_t largest_file =
    fixed_size + longest_description + lists_size + most_entries * entry_size + feature_count + checksum_size;
constexpr const char* retrain = retrain_model;

} // namespace

std::string encode_model(const sentiment_model& model) {
  const sentiment_parameters& p = model.parameters();
  const std::string_view description = std::string_view(model.description()).substr(0, longest_description);
  std::string out(magic);
  put_number(out, model_file_version, 4);
  put_number(out, feature_bits, 4);
  for (const float f : {p.scale, p.bias, p.slope, p.offset, p.neutral_band, p.min_coverage, p.sparse_score})
    put_float(out, f);
  put_number(out, description.size(), 4);
  out += description;
  const word_list_part& lists = model.lists();
  const std::size_t entries = std::min(lists.entries.size(), most_entries);
  put_float(out, lists.gain);
  put_float(out, lists.offset);
  put_number(out, entries, 4);
  for (std::size_t i = 0; i < entries; ++i) {
    put_number(out, lists.entries[i].bucket, 4);
    out.push_back(static_cast<char>(lists.entries[i].weight));
  }
  for (const std::int8_t weight : model.weights())
    out.push_back(static_cast<char>(weight));
  put_checksum(out);
  return out;
}

result<sentiment_model> decode_model(std::string_view bytes, const std::string& where) {
  if (const auto fine = check_magic(bytes, magic, "sentiment model", where); !fine)
    return fine.error();
  const auto truncated = [&](std::size_t expected) {
    return permanent("model file is truncated: " + std::to_string(bytes.size()) + " bytes of " +
                         std::to_string(expected),
                     where, std::string("copy it again, or ") + retrain);
  };
  if (bytes.size() < fixed_size)
    return truncated(fixed_size + feature_count + checksum_size);
  std::string_view rest = bytes.substr(magic.size());
  if (const auto version = take_number(rest, 4); version != model_file_version)
    return permanent("model file has version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(model_file_version),
                     where, retrain);
  if (const auto bits = take_number(rest, 4); bits != feature_bits)
    return permanent("model has 2^" + std::to_string(bits) + " features, this program uses 2^" +
                         std::to_string(feature_bits),
                     where, retrain);
  std::array<float, parameter_count> p{};
  bool finite = true;
  for (float& f : p) {
    f = take_float(rest);
    finite = finite && std::isfinite(f);
  }
  const std::size_t description = take_number(rest, 4);
  std::size_t expected = fixed_size + description + lists_size + feature_count + checksum_size;
  if (bytes.size() < expected)
    return truncated(expected);
  const std::string_view words = rest.substr(0, description);
  rest.remove_prefix(description);
  word_list_part lists;
  for (float* f : {&lists.gain, &lists.offset}) {
    *f = take_float(rest);
    finite = finite && std::isfinite(*f);
  }
  const std::size_t entries = take_number(rest, 4);
  expected += entries * entry_size;
  if (bytes.size() < expected)
    return truncated(expected);
  const auto damaged = [&](std::string what) {
    return permanent(std::move(what), where,
                     std::string("the file was damaged: copy it again, or ") + retrain);
  };
  if (bytes.size() > expected)
    return damaged("model file has " + std::to_string(bytes.size() - expected) + " bytes too many");
  if (!checksum_fits(bytes))
    return damaged("model file fails its checksum");
  if (!finite)
    return damaged("model file has a parameter that is not a number");
  for (std::size_t i = 0; i < entries; ++i) {
    const auto bucket = static_cast<std::uint32_t>(take_number(rest, 4));
    lists.entries.push_back({bucket, static_cast<std::int8_t>(take_number(rest, 1))});
  }
  std::vector<std::int8_t> weights(feature_count);
  std::memcpy(weights.data(), rest.data(), feature_count);
  return sentiment_model({p[0], p[1], p[2], p[3], p[4], p[5], p[6]}, std::move(weights), std::move(lists),
                         std::string(words));
}

result<sentiment_model> load_model(const std::filesystem::path& file) {
  const auto bytes = read_model_bytes(file, largest_file);
  if (!bytes)
    return bytes.error();
  return decode_model(*bytes, file.string());
}

result<> save_model(const sentiment_model& model, const std::filesystem::path& file) {
  return write_model_bytes(encode_model(model), file);
}

} // namespace weir::reviews
