#include <actors/files/file_descriptor.hpp>
#include <actors/sqlite/sqlite_error.hpp>

#include <sqlite3.h>
#include <sys/statvfs.h>

namespace weir::actors {

namespace {

bool no_space_left(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  struct statvfs space{};
  return ::statvfs(directory.c_str(), &space) == 0 && space.f_blocks > 0 && space.f_bavail == 0;
}

error disk_full(const std::string& path) {
  return exhausted("disk full: the database cannot grow", path, "free some space and run again");
}

} // namespace

error sqlite_failure(sqlite3* database, int code, const std::string& path) {
  const std::string words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (code & 0xFF) {
  case SQLITE_FULL:
    return disk_full(path);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return transient("the database is locked (" + path + "): another process is writing", {},
                     "wait for it or stop it; the write is tried again");
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN: {
    // A journal or shared-memory file that cannot be made on a full disk shows up as one of these.
    const int system = database != nullptr ? sqlite3_system_errno(database) : 0;
    if (is_disk_full(system) || (((code & 0xFF) == SQLITE_IOERR || system == 0) && no_space_left(path)))
      return disk_full(path);
    const std::string reason = system != 0 ? system_error(words, system, {}, {}).what : words;
    if ((code & 0xFF) == SQLITE_IOERR)
      return transient("cannot read or write the database: " + reason, path, "check the disk");
    return permanent("cannot open the database: " + reason, path,
                     "check that the directory exists and that you may write there");
  }
  case SQLITE_NOTADB:
    return permanent("this file is not an SQLite database", path, "name another file or move this one away");
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return permanent("the database cannot be written: " + words, path,
                     "check the permissions of the file and its directory");
  case SQLITE_CORRUPT:
    return exhausted("the database is damaged: " + words, path,
                     "restore it from a copy, or start with a new file");
  case SQLITE_NOMEM:
    return transient("out of memory in SQLite", path);
  default:
    return permanent("SQLite: " + words, path);
  }
}

} // namespace weir::actors
