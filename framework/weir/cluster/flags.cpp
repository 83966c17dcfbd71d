#include <weir/cluster/flags.hpp>

#include <algorithm>
#include <utility>

namespace weir::cluster {

result<cluster_options> cluster_flags::understand() const {
  cluster_options o;
  o.name = name_;
  o.listen = listen_;
  for (std::size_t at = 0; at < join_.size();) {
    const auto comma = std::min(join_.find(',', at), join_.size());
    if (comma > at)
      o.join.push_back(join_.substr(at, comma - at));
    at = comma + 1;
  }
  o.min_hosts = min_hosts_;
  o.host_name = host_name_;
  o.capacity = capacity_;
  if (capacity_ > 4096 || per_host_ > 4096)
    return permanent("more than 4096 workers of a node on one host", "--per-host, --capacity",
                     "ask for fewer");
  auto labels = parse_labels(labels_);
  if (!labels)
    return std::move(labels).error();
  o.labels = *std::move(labels);
  for (const auto& text : places_) {
    auto one = parse_place(text);
    if (!one)
      return std::move(one).error();
    if (!o.placement.nodes.emplace(std::move(*one)).second)
      return permanent("the node is placed twice", "--place " + text, "place each node once");
  }
  o.placement.per_host = per_host_;
  o.compress = compress_;
  o.tls = {ca_, certificate_, key_};
  o.insecure = insecure_;
  if (o.listen.empty() && (!places_.empty() || per_host_ > 0))
    return permanent("nodes can be placed in a cluster only", "--place, --per-host",
                     "give --cluster-listen HOST:PORT too");
  if (auto mistakes = mistakes_in(o); !mistakes.empty())
    return std::move(mistakes.front());
  return o;
}

} // namespace weir::cluster
