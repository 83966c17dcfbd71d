#include <apps/review_stream/commands/event_output.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace weir::reviews {

event_output::event_output(const std::string& workflow, log_format format, log_level least)
    : lines_(workflow, format, least),
      out_(std::make_unique<spdlog::logger>("events", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  out_->set_pattern("%v"); // time and level are part of the line
  out_->set_level(spdlog::level::trace);
  out_->flush_on(spdlog::level::trace);
}

event_output::~event_output() = default;

void event_output::show(const running& job, time_point now, const std::function<void()>& before) {
  const auto news = job.events(seen_);
  if (!news.empty())
    seen_ = news.back().number;
  const auto lines = lines_.take(news, now);
  if (!lines.empty())
    before();
  for (const auto& line : lines)
    write(line);
}

void event_output::end(const running& job, time_point now) {
  show(job, now, [] {});
  for (const auto& line : lines_.rest())
    write(line);
}

void event_output::write(const std::string& line) { out_->log(spdlog::level::info, "{}", line); }

} // namespace weir::reviews
