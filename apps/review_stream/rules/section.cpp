#include <apps/review_stream/rules/section.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>
#include <utility>

namespace weir::reviews {
namespace {

std::string shown(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

} // namespace

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string section::name_of(std::string_view field) const {
  return path_.empty() ? std::string{field} : path_ + "." + std::string{field};
}

const toml::node* section::node(std::string_view field) {
  known_.emplace_back(field);
  return ok() ? table_->get(field) : nullptr;
}

void section::wrong(error mistake) {
  if (ok())
    mistake_ = std::move(mistake);
}

void section::wrong(std::string_view field, const toml::node& at, std::string what, std::string fix) {
  wrong(wrong_field(*file_, at, name_of(field), std::move(what), std::move(fix)));
}

double section::number(std::string_view field, double otherwise, double least, double most) {
  const toml::node* found = node(field);
  if (found == nullptr)
    return otherwise;
  const auto value = found->is_number() ? found->value<double>() : std::nullopt;
  if (value && *value >= least && *value <= most)
    return *value;
  wrong(field, *found, "not a number from " + shown(least) + " to " + shown(most),
        "write for instance " + shown(otherwise));
  return otherwise;
}

bool section::flag(std::string_view field, bool otherwise) {
  const toml::node* found = node(field);
  if (found == nullptr)
    return otherwise;
  if (const auto value = found->value_exact<bool>())
    return *value;
  wrong(field, *found, "neither true nor false", "write true or false, without quotes");
  return otherwise;
}

std::string section::text(std::string_view field, std::string otherwise) {
  const toml::node* found = node(field);
  if (found == nullptr)
    return otherwise;
  if (auto value = found->value_exact<std::string>(); value && !value->empty())
    return *std::move(value);
  wrong(field, *found, "not a text", "write a text in quotes");
  return otherwise;
}

std::vector<std::string> section::texts(std::string_view field, const std::vector<std::string>& choice) {
  std::vector<std::string> out;
  const toml::node* found = node(field);
  const auto put = [&](const toml::node& one) {
    const auto value = one.value_exact<std::string>();
    if (!value || value->empty())
      return wrong(field, one, "not a text", "write a text in quotes, or a list of them");
    if (!choice.empty() && std::ranges::find(choice, *value) == choice.end())
      return wrong(field, one, "'" + *value + "' is unknown", "use one of: " + listed(choice));
    out.push_back(*value);
  };
  if (found == nullptr)
    return out;
  const toml::array* list = found->as_array();
  if (list == nullptr) {
    put(*found);
    return out;
  }
  if (list->empty())
    wrong(field, *found, "the list is empty", "name at least one, or remove the field");
  for (const toml::node& one : *list)
    put(one);
  return out;
}

void section::rest(const std::function<void(const std::string& name, const toml::node& node)>& each) {
  std::vector<std::pair<std::string, const toml::node*>> left;
  for (const auto& [key, node] : *table_)
    if (std::ranges::find(known_, key.str()) == known_.end())
      left.emplace_back(key.str(), &node);
  std::ranges::sort(left, {}, [](const auto& field) {
    const toml::source_position at = field.second->source().begin;
    return std::tuple{at.line, at.column};
  });
  for (const auto& [name, node] : left) {
    if (!ok())
      return;
    known_.push_back(name);
    each(name, *node);
  }
}

const toml::table* section::table(std::string_view field, const toml::node& node, std::string fix) {
  if (!node.is_table())
    wrong(field, node, "not a section", std::move(fix));
  return node.as_table();
}

void section::wrong_here(std::string what, std::string fix, std::string_view field) {
  wrong(
      wrong_field(*file_, *table_, field.empty() ? path_ : name_of(field), std::move(what), std::move(fix)));
}

result<> section::finish() {
  const std::vector<std::string> known = known_;
  rest([&](const std::string& name, const toml::node& node) {
    wrong(name, node, "unknown field", "remove it, or use one of: " + listed(known));
  });
  if (mistake_)
    return *mistake_;
  return {};
}

} // namespace weir::reviews
