#include <apps/review_stream/topic/topic_model_file.hpp>

#include <algorithm>
#include <apps/review_stream/learning/model_bytes.hpp>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

namespace weir::reviews {
namespace {

constexpr std::size_t fixed_size = model_magic_size + 7 * 4;
constexpr std::size_t longest_description = 256 * 1024;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t class_size = 4 + 4 * 4; // without its name
constexpr std::size_t largest_file = fixed_size + longest_description +
                                     topic_model::max_classes * (class_size + longest_name) +
                                     feature_count * 4 + most_topic_weights + model_checksum_size;

// Takes from the front of a file and notices when it ends too early: from then on everything is 0.
class careful_reader {
 public:
  explicit careful_reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    short_ = short_ || rest_.size() < size;
    const std::string_view piece = rest_.substr(0, short_ ? 0 : size);
    rest_.remove_prefix(piece.size());
    return piece;
  }
  std::uint32_t number() {
    std::string_view piece = take(4);
    return piece.empty() ? 0 : static_cast<std::uint32_t>(take_number(piece, 4));
  }
  float real() {
    std::string_view piece = take(4);
    const float value = piece.empty() ? 0 : take_float(piece);
    finite_ = finite_ && std::isfinite(value);
    return value;
  }
  bool ended_early() const noexcept { return short_; }
  bool finite() const noexcept { return finite_; }
  std::size_t left() const noexcept { return rest_.size(); }

 private:
  std::string_view rest_;
  bool short_ = false;
  bool finite_ = true;
};

} // namespace

std::string encode_topic_model(const topic_model& model) {
  const std::string_view description = std::string_view(model.description()).substr(0, longest_description);
  std::string out(topic_magic);
  put_number(out, topic_model_file_version, 4);
  put_number(out, feature_bits, 4);
  put_float(out, model.parameters().floor);
  put_float(out, model.parameters().sharpness);
  put_number(out, model.classes().size(), 4);
  put_number(out, model.weights().buckets.size(), 4);
  put_number(out, description.size(), 4);
  out += description;
  for (const topic_class& c : model.classes()) {
    put_number(out, c.name.size(), 4);
    out += c.name;
    for (const float f : {c.scale, c.bias, c.slope, c.offset})
      put_float(out, f);
  }
  for (const std::uint32_t bucket : model.weights().buckets)
    put_number(out, bucket, 4);
  for (const std::int8_t step : model.weights().steps)
    out.push_back(static_cast<char>(step));
  put_checksum(out);
  return out;
}

result<topic_model> decode_topic_model(std::string_view bytes, const std::string& where) {
  if (const auto fine = check_magic(bytes, topic_magic, "topic model", where); !fine)
    return fine.error();
  const std::string copy_again = std::string("copy it again, or ") + retrain_model;
  const auto truncated = [&] {
    return permanent("model file is truncated: " + std::to_string(bytes.size()) + " bytes are not all of it",
                     where, copy_again);
  };
  const auto damaged = [&](const std::string& what) {
    return permanent(what, where, "the file was damaged: " + copy_again);
  };
  if (bytes.size() < fixed_size + model_checksum_size)
    return truncated();
  careful_reader in(bytes.substr(model_magic_size, bytes.size() - model_magic_size - model_checksum_size));
  if (const auto version = in.number(); version != topic_model_file_version)
    return permanent("model file has version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(topic_model_file_version),
                     where, retrain_model);
  if (const auto bits = in.number(); bits != feature_bits)
    return permanent("model has 2^" + std::to_string(bits) + " features, this program uses 2^" +
                         std::to_string(feature_bits),
                     where, retrain_model);
  topic_parameters parameters;
  parameters.floor = in.real();
  parameters.sharpness = in.real();
  const std::size_t class_count = in.number();
  const std::size_t bucket_count = in.number();
  if (class_count < topic_model::min_classes || class_count > topic_model::max_classes)
    return damaged("model file has " + std::to_string(class_count) + " classes, not 2 to 1,000");
  if (bucket_count > feature_count || bucket_count * class_count > most_topic_weights)
    return damaged("model file has too many weights: " + std::to_string(bucket_count) +
                   " known features of " + std::to_string(class_count) + " classes");
  std::string description(in.take(in.number()));
  std::vector<topic_class> classes(class_count);
  for (topic_class& c : classes) {
    c.name = in.take(in.number());
    for (float* f : {&c.scale, &c.bias, &c.slope, &c.offset})
      *f = in.real();
  }
  std::string_view bucket_bytes = in.take(bucket_count * 4);
  const std::string_view step_bytes = in.take(bucket_count * class_count);
  if (in.ended_early())
    return truncated();
  if (in.left() != 0)
    return damaged("model file has " + std::to_string(in.left()) + " bytes too many");
  if (!checksum_fits(bytes))
    return damaged("model file fails its checksum");
  // From here on the file is what was written: only a program that wrote nonsense could still be wrong.
  if (!in.finite())
    return damaged("model file has a parameter that is not a number");
  std::set<std::string_view> names;
  for (const topic_class& c : classes)
    if (c.name.empty() || c.name.size() > longest_name || !names.insert(c.name).second)
      return damaged("model file has a class without a name of its own");
  topic_weights weights;
  weights.buckets.reserve(bucket_count);
  for (std::size_t i = 0; i < bucket_count; ++i) {
    const auto bucket = static_cast<std::uint32_t>(take_number(bucket_bytes, 4));
    if (bucket >= feature_count || (i != 0 && bucket <= weights.buckets.back()))
      return damaged("model file has features out of order");
    weights.buckets.push_back(bucket);
  }
  weights.steps.resize(step_bytes.size());
  if (!step_bytes.empty())
    std::memcpy(weights.steps.data(), step_bytes.data(), step_bytes.size());
  return topic_model(std::move(classes), std::move(weights), parameters, std::move(description));
}

result<topic_model> load_topic_model(const std::filesystem::path& file) {
  const auto bytes = read_model_bytes(file, largest_file);
  if (!bytes)
    return bytes.error();
  return decode_topic_model(*bytes, file.string());
}

result<> save_topic_model(const topic_model& model, const std::filesystem::path& file) {
  return write_model_bytes(encode_topic_model(model), file);
}

} // namespace weir::reviews
