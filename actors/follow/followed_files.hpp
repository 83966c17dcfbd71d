#pragma once

// All files that are followed, and which of them has something to read next.
//
// What it promises, as long as somebody asks often enough (a change wakes the descriptor):
//  - Every byte appended to a file is handed out once, through renames within its directory, rotation by
//    rename and truncation. A file is read up to where it ends before the next one is taken up; one that
//    grows without end lets the others have their turn every 4 MiB.
//  - A file that was rotated away or deleted stays open until it was quiet for 60 s, so that what its writer
//    still writes is read too.
//  - Compressed data that ends too early is waited for: it may still be arriving. After 60 s of quiet (2 s
//    when it was removed) it is reported once, and read on all the same if it grows.
//  - At most `most_open` files that lie in directories are open; quiet ones are closed after 10 s.
// What cannot be promised: bytes that were written and truncated away between two looks; a file deleted
// before its turn; a generation that was compressed or deleted before it was seen; what is written to a
// rotated file after 60 s of quiet.
//
// Memory: 256 KiB for an open file (512 KiB and its window if compressed), about 1 KiB for every file that
// is remembered (100,000 at most). Thread-safety: one thread at a time.

#include <actors/follow/change_watch.hpp>
#include <actors/follow/followed_file.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::actors {

class followed_files;

/// One input that the user named: finds its files. `followed_path` and `followed_directory`.
class followed_place {
 public:
  virtual ~followed_place() = default;
  /// Something changed: at `names`, or if `everything` perhaps anywhere.
  virtual result<> look(followed_files& files, bool everything, const std::vector<std::string>& names) = 0;
  /// Whether its files stay open though they are quiet.
  virtual bool keeps_open() const noexcept = 0;
  /// A file of this place was truncated.
  virtual void truncated() {}
  const std::string& directory() const noexcept { return directory_; }

  std::size_t number = 0; ///< among the places
  int watched = -1;       ///< as change_watch::watch answered

 protected:
  explicit followed_place(std::string directory) : directory_(std::move(directory)) {}

 private:
  std::string directory_;
};

class followed_files {
 public:
  static constexpr std::size_t most_open = 32;
  static constexpr std::size_t most_remembered = 100'000;
  /// A last line without its end counts as one after this long without more.
  static constexpr duration line_quiet = std::chrono::seconds{2};
  static constexpr duration file_quiet = std::chrono::seconds{10};
  static constexpr duration retired_quiet = std::chrono::seconds{60};

  struct step {
    enum class kind : std::uint8_t {
      data,    ///< `bytes`, valid until the next step
      again,   ///< the file was truncated: what comes is its beginning
      quiet,   ///< what is held of its last line counts as a line
      cut_off, ///< it ends within compressed data, for `why`; more may come
      broken,  ///< it cannot be read on, for `why`
      failed,  ///< for `why`, which goes away by itself
      idle,    ///< nothing now: wait for descriptor()
    };
    kind what = kind::idle;
    followed_file* file = nullptr; ///< until the next step
    std::string_view bytes = {};
    error why = {};
  };

  /// Looks at `places` for the first time.
  static result<followed_files> open(std::vector<std::unique_ptr<followed_place>> places,
                                     std::shared_ptr<const clock> time);

  step next();
  int descriptor() const noexcept { return watch_.descriptor(); }
  const change_watch& watch() const noexcept { return watch_; }
  std::uint64_t bytes_read() const noexcept { return bytes_; }

  // For places.

  followed_file* find(const file_identity& identity);
  /// A file that was not known; `opened` may be empty. It gets its turn.
  result<followed_file*> add(std::size_t place, std::string path, const file_status& status,
                             file_descriptor opened);
  /// A known file was seen under `path`.
  void present(followed_file& file, const std::string& path, const file_status& now);
  /// No name leads to it any more.
  void retire(followed_file& file);
  /// The files of a place; it must not add any meanwhile.
  template <class F>
  void for_each(std::size_t place, F f) {
    for (auto& [identity, file] : files_)
      if (file->place == place)
        f(*file);
  }
  std::size_t remembered() const noexcept { return files_.size(); }

 private:
  followed_files(change_watch watch, std::shared_ptr<const clock> time)
      : watch_(std::move(watch)), time_(std::move(time)) {}
  result<> look(time_point now);
  result<> look_everywhere();
  void forget_removed();
  void check_open(time_point now);
  void queue(followed_file& file);
  void make_room(const followed_file& for_this);
  step take_turn();

  change_watch watch_;
  std::shared_ptr<const clock> time_;
  std::vector<std::unique_ptr<followed_place>> places_;
  std::unordered_map<file_identity, std::unique_ptr<followed_file>, file_identity_hash> files_;
  std::deque<followed_file*> ready_; ///< have something to read
  std::deque<step> said_;            ///< what the last look had to say
  std::vector<followed_file*> open_; ///< longest open first
  followed_file* current_ = nullptr;
  std::uint64_t turn_bytes_ = 0;
  std::uint64_t bytes_ = 0;
  time_point next_full_;
};

} // namespace weir::actors
