#include <weir/node/dead_letter.hpp>

#include <weir/base/clock.hpp>
#include <weir/base/utf8.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace weir {

result<> dead_letter_memory::write(std::span<const dead_letter> letters) {
  const std::lock_guard lock{mutex_};
  kept_.insert(kept_.end(), letters.begin(), letters.end());
  if (kept_.size() > capacity_)
    kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(capacity_));
  return {};
}

std::vector<dead_letter> dead_letter_memory::letters() const {
  const std::lock_guard lock{mutex_};
  return kept_;
}

namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= group.size() ? digits[bits >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

class file_sink final : public dead_letter_sink {
 public:
  explicit file_sink(std::string path) : path_(std::move(path)) {}
  ~file_sink() override {
    if (file_ >= 0)
      ::close(file_);
  }

  result<> write(std::span<const dead_letter> letters) override {
    const std::lock_guard lock{mutex_};
    if (file_ < 0) {
      file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (file_ < 0)
        return failed("cannot open the dead-letter file");
    }
    std::string lines;
    for (const auto& letter : letters) {
      boost::json::object o;
      o["id"] = letter.id;
      o["node"] = letter.node;
      o["workflow"] = letter.workflow;
      o["cause"] = to_utf8(letter.cause);
      o["kind"] = std::string{to_string(letter.kind)};
      o["attempts"] = letter.attempts;
      o["first_seen"] = iso_time(letter.first_seen);
      o["last_seen"] = iso_time(letter.last_seen);
      o["payload"] = to_utf8(letter.payload);
      if (!is_utf8(letter.payload))
        o["payload_base64"] = base64(letter.payload);
      lines += boost::json::serialize(o) + "\n";
    }
    const off_t before = ::lseek(file_, 0, SEEK_END);
    for (std::size_t done = 0; done < lines.size();) {
      const ssize_t n = ::write(file_, lines.data() + done, lines.size() - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0) {
        result<> why = failed("cannot write the dead-letter file");
        if (before >= 0 && ::ftruncate(file_, before) != 0) // half a line would hide the next one
          ::close(std::exchange(file_, -1));
        return why;
      }
      done += static_cast<std::size_t>(n);
    }
    if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) // EINVAL: a pipe or device
      return failed("cannot sync the dead-letter file");
    return {};
  }

 private:
  error failed(const char* what) const {
    const int code = errno;
    std::string text = std::string{what} + ": " + std::strerror(code);
    return exhausted(std::move(text), path_,
                     code == ENOSPC ? "free some space, then run again"
                                    : "give another file with --dead-letters");
  }
  std::mutex mutex_;
  std::string path_;
  int file_ = -1;
};

} // namespace

namespace {

class several_sinks final : public dead_letter_sink {
 public:
  explicit several_sinks(std::vector<std::shared_ptr<dead_letter_sink>> sinks) : sinks_(std::move(sinks)) {}

  result<> write(std::span<const dead_letter> letters) override {
    const std::lock_guard lock{mutex_};
    if (!std::ranges::equal(letters, retried_, {}, &dead_letter::id))
      done_ = 0;
    for (; done_ < sinks_.size(); ++done_)
      if (auto written = sinks_[done_]->write(letters); !written) {
        retried_.clear();
        for (const auto& letter : letters)
          retried_.push_back(letter.id);
        return written;
      }
    retried_.clear();
    done_ = 0;
    return {};
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<dead_letter_sink>> sinks_;
  std::vector<std::string> retried_; ///< ids of letters that some sinks have and others not yet
  std::size_t done_ = 0;             ///< so many sinks have them
};

} // namespace

std::shared_ptr<dead_letter_sink> dead_letters_to_all(std::vector<std::shared_ptr<dead_letter_sink>> sinks) {
  return std::make_shared<several_sinks>(std::move(sinks));
}

std::shared_ptr<dead_letter_sink> dead_letter_file(std::string path) {
  return std::make_shared<file_sink>(std::move(path));
}

} // namespace weir
