#pragma once

// Surroundings that a test needs the system's help for: a tiny disk, a user without rights, another standard
// input.

#include <string>
#include <utility>

#include <sys/mount.h>
#include <unistd.h>

namespace weir::test {

/// A file system of 64 KiB at `folder`, if this process may mount one.
class small_disk {
 public:
  explicit small_disk(std::string folder)
      : folder_(std::move(folder)), mounted_(::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=64k") == 0) {
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_)
      ::umount2(folder_.c_str(), MNT_DETACH);
  }
  explicit operator bool() const noexcept { return mounted_; }

 private:
  std::string folder_;
  bool mounted_;
};

/// While it lives, root is nobody: permissions count as for everyone else.
class without_privileges {
 public:
  without_privileges() : was_(::geteuid()) {
    if (was_ == 0)
      dropped_ = ::seteuid(65534) == 0;
  }
  without_privileges(const without_privileges&) = delete;
  without_privileges& operator=(const without_privileges&) = delete;
  ~without_privileges() {
    if (dropped_)
      (void)!::seteuid(was_);
  }
  /// False when this is still root.
  explicit operator bool() const noexcept { return was_ != 0 || dropped_; }

 private:
  uid_t was_;
  bool dropped_ = false;
};

/// While it lives, standard input is the reading end of a pipe.
class piped_input {
 public:
  piped_input() : saved_(::dup(STDIN_FILENO)) {
    int ends[2];
    if (::pipe(ends) == 0) {
      ::dup2(ends[0], STDIN_FILENO);
      ::close(ends[0]);
      writer_ = ends[1];
    }
  }
  piped_input(const piped_input&) = delete;
  piped_input& operator=(const piped_input&) = delete;
  ~piped_input() {
    close();
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  void write(const std::string& text) const { (void)!::write(writer_, text.data(), text.size()); }
  void close() {
    if (writer_ >= 0)
      ::close(std::exchange(writer_, -1));
  }

 private:
  int saved_;
  int writer_ = -1;
};

} // namespace weir::test
