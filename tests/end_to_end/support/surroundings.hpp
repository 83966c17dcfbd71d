#pragma once

// Surroundings that make a run hard: a disk that is nearly full, a database that someone else holds.

#include <filesystem>
#include <stdexcept>
#include <string>

#include <sqlite3.h>
#include <sys/mount.h>

namespace weir::test {

/// A file system of its own at `folder` (created), if this process may mount one: root only.
class small_disk {
 public:
  small_disk(std::filesystem::path folder, const std::string& size) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_)
      ::umount2(folder_.c_str(), MNT_DETACH);
  }
  explicit operator bool() const noexcept { return mounted_; }
  /// Makes space on it.
  void grow(const std::string& size) const {
    if (::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) != 0)
      throw std::runtime_error("cannot grow " + folder_.string());
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

/// Another process's view of a database: holds it with BEGIN EXCLUSIVE until release() or its end.
class lock_on {
 public:
  explicit lock_on(const std::filesystem::path& database) {
    if (sqlite3_open(database.c_str(), &database_) != SQLITE_OK ||
        sqlite3_exec(database_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error("cannot lock " + database.string());
  }
  lock_on(const lock_on&) = delete;
  lock_on& operator=(const lock_on&) = delete;
  ~lock_on() { release(); }
  void release() {
    sqlite3_close(database_); // rolls back
    database_ = nullptr;
  }

 private:
  sqlite3* database_ = nullptr;
};

} // namespace weir::test
