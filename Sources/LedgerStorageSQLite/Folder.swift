internal import Glibc
internal import LedgerStorage

/// What happens to names in folders.
///
/// The paths pass to the system calls as C strings, which live as long as the call: hence `unsafe`.
enum Folder {
  /// Makes a folder.
  ///
  /// - Parameters:
  ///   - path: Of the folder.
  ///   - permissions: Less the process's mask; for its owner only if not given.
  /// - Returns: Whether it is new; an existing one, or an existing file, is left as it is.
  /// - Throws: ``StoreError`` as ``DiskFile/error(_:_:path:)`` maps it.
  static func make(_ path: String, permissions: UInt32 = 0o700) throws(StoreError) -> Bool {
    if unsafe mkdir(path, mode_t(permissions)) == 0 { return true }
    guard errno == EEXIST else { throw DiskFile.error(errno, "mkdir", path: path) }
    return false
  }

  /// Whether it is a folder, and no link to one.
  static func isFolder(_ path: String) throws(StoreError) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      throw DiskFile.error(errno, "lstat", path: path)
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Whether a path is a symbolic link; one that is not there is none.
  static func isLink(_ path: String) -> Bool {
    var found = stat()
    // Safe: the path is a C string and the buffer a local for the length of the call.
    guard unsafe lstat(path, &found) == 0 else { return false }
    return found.st_mode & S_IFMT == S_IFLNK
  }

  static func rename(_ path: String, to newPath: String) throws(StoreError) {
    guard unsafe Glibc.rename(path, newPath) == 0 else {
      throw DiskFile.error(errno, "rename", path: path)
    }
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) throws(StoreError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw DiskFile.error(errno, "unlink", path: path)
    }
  }

  /// Removes a folder, which must be empty.
  static func removeFolder(_ path: String) throws(StoreError) {
    guard unsafe rmdir(path) == 0 else { throw DiskFile.error(errno, "rmdir", path: path) }
  }

  /// Returns the names in a folder, sorted, without `.` and `..`.
  static func names(in path: String) throws(StoreError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw DiskFile.error(errno, "opendir", path: path)
    }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      // Safe: the name is a C string within the entry, copied before the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
