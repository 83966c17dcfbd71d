#include <actors/follow/followed_files.hpp>

#include <algorithm>
#include <utility>

namespace weir::actors {

namespace {

constexpr duration full_look_every = std::chrono::seconds{1};
/// So many files are looked at in a second when nothing happens.
constexpr std::size_t looks_a_second = 1000;
constexpr std::uint64_t most_bytes_a_turn = std::uint64_t{4} << 20U;

} // namespace

result<followed_files> followed_files::open(std::vector<std::unique_ptr<followed_place>> places,
                                            std::shared_ptr<const clock> time) {
  auto watch = change_watch::make();
  if (!watch)
    return std::move(watch).error();
  followed_files made{*std::move(watch), std::move(time)};
  made.places_ = std::move(places);
  for (std::size_t i = 0; i < made.places_.size(); ++i)
    made.places_[i]->number = i;
  made.next_full_ = made.time_->now() + full_look_every;
  if (auto looked = made.look_everywhere(); !looked)
    return std::move(looked).error();
  return made;
}

followed_file* followed_files::find(const file_identity& identity) {
  const auto found = files_.find(identity);
  return found == files_.end() ? nullptr : found->second.get();
}

result<followed_file*> followed_files::add(std::size_t place, std::string path, const file_status& status,
                                           file_descriptor opened) {
  if (files_.size() >= most_remembered)
    return transient("more than " + std::to_string(most_remembered) + " files are followed",
                     places_[place]->directory(), "move away those that were read");
  auto made = std::make_unique<followed_file>(std::move(path), status.identity);
  followed_file& file = *made;
  file.place = place;
  file.changed = time_->now();
  if (opened) {
    file.adopt(std::move(opened));
    open_.push_back(&file);
  }
  files_.emplace(status.identity, std::move(made));
  if (status.size > 0)
    queue(file);
  return &file;
}

void followed_files::present(followed_file& file, const std::string& path, const file_status& now) {
  file.renamed(path);
  file.retired = false;
  if (file.differs(now))
    queue(file);
}

void followed_files::retire(followed_file& file) {
  if (!std::exchange(file.retired, true))
    file.changed = time_->now();
  if (file.is_open())
    queue(file); // what it got after the last look
}

void followed_files::queue(followed_file& file) {
  if (&file != current_ && !std::exchange(file.queued, true))
    ready_.push_back(&file);
}

result<> followed_files::look_everywhere() {
  for (auto& place : places_) {
    place->watched = watch_.watch(place->directory()); // before the look, so that nothing falls between
    if (auto looked = place->look(*this, true, {}); !looked)
      return looked;
  }
  return {};
}

result<> followed_files::look(time_point now) {
  bool lost = false;
  const auto changes = watch_.take(lost);
  for (auto& place : places_) { // the names first: they say in which order files came
    std::vector<std::string> names;
    for (const auto& change : changes)
      if (change.directory == place->watched)
        names.push_back(change.name);
    if (!names.empty())
      if (auto looked = place->look(*this, false, names); !looked)
        return looked;
  }
  if (lost || now >= next_full_) {
    next_full_ = now + full_look_every * static_cast<duration::rep>(1 + files_.size() / looks_a_second);
    if (auto looked = look_everywhere(); !looked)
      return looked;
    forget_removed();
  }
  check_open(now);
  return {};
}

/// Files that are gone for good make room for others; those of a named path are kept in case they come back.
void followed_files::forget_removed() {
  std::erase_if(files_, [&](const auto& entry) {
    const followed_file& file = *entry.second;
    const bool speaks = std::ranges::any_of(said_, [&](const step& s) { return s.file == &file; });
    return file.retired && !file.queued && !file.is_open() && &file != current_ && !speaks &&
           (!places_[file.place]->keeps_open() || files_.size() > most_remembered / 2);
  });
}

/// Growth is seen through the open file itself; quiet files have their last line ended, and are closed.
void followed_files::check_open(time_point now) {
  for (std::size_t i = 0; i < open_.size();) {
    followed_file& file = *open_[i++];
    const auto status = file.status();
    if (status && file.differs(*status) && !file.broken)
      queue(file);
    if (file.queued)
      continue;
    const duration quiet = now - file.changed;
    if (quiet < line_quiet)
      continue;
    if (file.within_compressed()) {
      const bool removed = file.retired;
      if ((removed || quiet >= retired_quiet) && !std::exchange(file.told_cut, true))
        said_.push_back({step::kind::cut_off, &file, {}, file.cut_off()});
    } else if (!std::exchange(file.settled, true)) {
      said_.push_back({step::kind::quiet, &file, {}, {}});
    }
    const bool named = places_[file.place]->keeps_open();
    const bool close =
        file.retired ? quiet >= retired_quiet : !named && quiet >= file_quiet && !file.within_compressed();
    if (close) {
      file.close();
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(--i));
    }
  }
}

void followed_files::make_room(const followed_file& for_this) {
  if (places_[for_this.place]->keeps_open() || open_.size() < most_open)
    return;
  const auto oldest = std::ranges::find_if(open_, [&](const followed_file* f) {
    return f != &for_this && !f->retired && !places_[f->place]->keeps_open();
  });
  if (oldest == open_.end())
    return;
  (*oldest)->close();
  open_.erase(oldest);
}

followed_files::step followed_files::take_turn() {
  followed_file& file = *ready_.front();
  ready_.pop_front();
  file.queued = false;
  const bool was_open = file.is_open();
  if (!was_open)
    make_room(file);
  auto begun = file.begin();
  if (!begun) {
    if (begun.error().kind == error_kind::transient) {
      queue(file);
      return {step::kind::failed, &file, {}, std::move(begun).error()};
    }
    if (std::exchange(file.broken, true))
      return {}; // said before
    return {step::kind::broken, &file, {}, std::move(begun).error()};
  }
  if (!was_open && file.is_open())
    open_.push_back(&file);
  if (*begun == followed_file::begun::gone)
    return {}; // a listing finds where it went, if it is still there
  if (file.broken && *begun != followed_file::begun::again)
    return {};
  current_ = &file;
  file.changed = time_->now();
  turn_bytes_ = 0;
  if (*begun == followed_file::begun::again) {
    places_[file.place]->truncated();
    return {step::kind::again, &file, {}, {}};
  }
  return {};
}

followed_files::step followed_files::next() {
  bool looked = false;
  for (;;) {
    if (!said_.empty()) {
      step first = std::move(said_.front());
      said_.pop_front();
      return first;
    }
    if (current_ != nullptr) {
      followed_file& file = *current_;
      auto chunk = file.read();
      if (!chunk) {
        file.broken = file.settled = true;
        current_ = nullptr;
        return {step::kind::broken, &file, {}, std::move(chunk).error()};
      }
      if (chunk->state == input_stream::state::data) {
        file.changed = time_->now();
        file.settled = file.told_cut = false;
        bytes_ += chunk->bytes.size();
        turn_bytes_ += chunk->bytes.size();
        if (turn_bytes_ >= most_bytes_a_turn) {
          current_ = nullptr;
          queue(file);
        }
        return {step::kind::data, &file, chunk->bytes, {}};
      }
      current_ = nullptr;
    }
    if (ready_.empty()) {
      if (std::exchange(looked, true))
        return {};
      if (auto seen = look(time_->now()); !seen)
        return {step::kind::failed, nullptr, {}, std::move(seen).error()};
      continue;
    }
    if (auto step = take_turn(); step.what != step::kind::idle)
      return step;
  }
}

} // namespace weir::actors
