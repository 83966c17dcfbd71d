// The workflow that Weir was asked for: 1,000 reviews through a pool of ten workers with a timeout and
// retries, over shared connections, into one aggregate. The graph is written with workflow_builder, by name.

#include <weir/resource/connection_pool.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// [scalable-review-processor]
struct review {
  int id = 0;
  std::string text;
};
struct judged {
  int id = 0;
  bool positive = false;
};

/// Stands for a connection to a service that looks words up.
struct lexicon_connection {
  bool is_positive(const std::string& text) const { return text.find("great") != std::string::npos; }
};

/// What the output aggregates: one record at the end.
struct tally {
  int reviews = 0, positive = 0;
  void add(const judged& j) {
    ++reviews;
    positive += j.positive;
  }
  tally result() const { return *this; }
};

judged analyze(const review& r, weir::worker_context& context) {
  auto& pool = context.resource<weir::connection_pool<lexicon_connection>>("lexicon");
  auto connection = pool.acquire(context.stop());
  if (!connection)
    throw std::runtime_error(connection.error().message()); // transient: tried again
  return {r.id, (*connection)->is_positive(r.text)};
}

weir::build_result scalable_review_processor(std::vector<review> reviews,
                                             std::function<void(const tally&)> report) {
  weir::workflow_builder builder{"scalable-review-processor"};
  builder.execution_mode(weir::execution_mode::parallel)
      .max_concurrent_nodes(10)
      .enable_metrics()
      .connection_pool_size(20)
      .add_connection_pool("lexicon", [](std::uint32_t size) {
        return std::make_shared<weir::connection_pool<lexicon_connection>>(
            [] { return std::make_unique<lexicon_connection>(); },
            weir::connection_pool_options{.size = size});
      });

  builder.add_node("batch-input", weir::input_node(std::move(reviews)).with_batching(50));
  builder.add_node("parallel-processor",
                   weir::parallel_node<review>(analyze).with_workers(10).with_timeout(30s).with_retry_policy(
                       weir::exponential_backoff{}));
  builder.add_node("aggregate-output", weir::output_node(std::move(report)).with_aggregation(tally{}));

  builder.connect("batch-input", "parallel-processor").connect("parallel-processor", "aggregate-output");
  return builder.build();
}
// [scalable-review-processor]

int main() {
  std::vector<review> reviews;
  for (int i = 1; i <= 1000; ++i)
    reviews.push_back({i, i % 4 == 0 ? "not for me" : "great value"});

  tally seen;
  auto built = scalable_review_processor(std::move(reviews), [&seen](const tally& t) { seen = t; });
  if (!built) {
    for (const auto& why : built.errors())
      std::cerr << "error: " << why.message() << '\n';
    return 2;
  }
  const auto result = weir::run(*built);
  std::cout << seen.reviews << " reviews, " << seen.positive << " positive, "
            << weir::to_string(result.status) << '\n';
  return result.ok() && seen.reviews == 1000 && seen.positive == 750 ? 0 : 1;
}
