import Foundation

/// A folder of a test's own, removed with everything in it at the test's end.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "specie-storage-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  subscript(_ name: String) -> String { path + "/" + name }

  /// Copies a folder's files, whatever state they are in, as a crash would leave them.
  func copy(_ folder: String, to name: String, leavingOut left: Set<String> = []) throws -> String {
    let copy = self[name]
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where !left.contains(file) {
      try FileManager.default.copyItem(atPath: folder + "/" + file, toPath: copy + "/" + file)
    }
    return copy
  }

  /// Every file of a folder, with its bytes.
  static func contents(of folder: String) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      contents[file] = try bytes(of: folder + "/" + file)
    }
    return contents
  }

  static func bytes(of file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  static func write(_ bytes: [UInt8], to file: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  /// Opens a file for writing straight to it, made where it is missing.
  static func file(_ path: String) throws -> FileHandle {
    if !FileManager.default.fileExists(atPath: path) { try write([], to: path) }
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  /// Changes some bytes of a file in place.
  static func patch(_ file: String, at offset: Int, with bytes: [UInt8]) throws {
    var all = try Self.bytes(of: file)
    all.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    try write(all, to: file)
  }
}
