internal import Synchronization

/// Exported files in memory, for tests: those kept and not yet synced can be lost.
package final class MemoryTileKeeper: TileKeeper {
  private struct State {
    var files: [String: [UInt8]] = [:]
    var unsynced: [String] = []
    /// Of these a sync has failed, so no later one makes them durable.
    var unsyncable: [String] = []
    var syncFailures = 0
    var isMarked = false
    /// Calls that write until one fails.
    var writesLeft = Int.max
  }

  private let state = Mutex(State())

  package init() {}

  /// All files, by path.
  package var files: [String: [UInt8]] { state.withLock { $0.files } }

  /// Puts any bytes in the place of a file, as a forger or a failing disk would; `nil` removes it.
  package func overwrite(_ path: String, with bytes: [UInt8]?) {
    state.withLock { $0.files[path] = bytes }
  }

  /// Makes the write after so many more fail, and those after that.
  package func fail(afterWrites count: Int) { state.withLock { $0.writesLeft = count } }

  /// Makes the next sync fail, and no other call.
  package func failNextSync() { state.withLock { $0.syncFailures += 1 } }

  /// Cuts the power: of each file that is not synced, `left` says what is left.
  package func crash(_ left: (_ index: Int, _ bytes: [UInt8]) -> [UInt8]?) {
    state.withLock { state in
      for (index, path) in (state.unsyncable + state.unsynced).enumerated() {
        state.files[path] = state.files[path].flatMap { left(index, $0) }
      }
      state.unsynced = []
      state.unsyncable = []
      state.writesLeft = .max
    }
  }

  package func read(_ path: String, bytesMax: Int) throws(TileFileError) -> [UInt8]? {
    guard let bytes = files[path] else { return nil }
    guard bytes.count <= bytesMax else {
      throw .tooLarge(path: path, byteCount: bytes.count, max: bytesMax)
    }
    return bytes
  }

  package func list(_ body: (_ path: String) -> Void) -> Bool {
    for path in files.keys.sorted() where path.hasPrefix("tile/") { body(path) }
    return true
  }

  package func exists(_ path: String) -> Bool { files[path] != nil }

  package func begin() throws(TileFileError) -> Bool {
    try write { state throws(TileFileError) in
      defer { state.isMarked = true }
      return state.isMarked
    }
  }

  package func end() throws(TileFileError) {
    try write { state throws(TileFileError) in state.isMarked = false }
  }

  package func keep(_ bytes: [UInt8], at path: String) throws(TileFileError) -> Bool {
    try write { state throws(TileFileError) in
      if let found = state.files[path] {
        guard found == bytes else { throw .differs(path: path) }
        return false
      }
      state.files[path] = bytes
      state.unsynced.append(path)
      return true
    }
  }

  package func rewrite(_ bytes: [UInt8], at path: String) throws(TileFileError) {
    try write { state throws(TileFileError) in
      state.files[path] = bytes
      state.unsyncable.removeAll { $0 == path }
      state.unsynced.append(path)
    }
  }

  package func sync() throws(TileFileError) {
    try write { state throws(TileFileError) in
      defer { state.unsynced = [] }
      guard state.syncFailures > 0 else { return }
      state.syncFailures -= 1
      state.unsyncable += state.unsynced
      throw .failed(detail: "the simulated sync")
    }
  }

  package func replace(_ bytes: [UInt8], at path: String) throws(TileFileError) {
    try write { state throws(TileFileError) in state.files[path] = bytes }
  }

  package func remove(_ path: String) throws(TileFileError) {
    try write { state throws(TileFileError) in state.files[path] = nil }
  }

  package func hasPartials(of path: String) -> Bool {
    files.keys.contains { $0.hasPrefix(path + ".p/") }
  }

  package func removePartials(of path: String) throws(TileFileError) -> Int {
    try write { state throws(TileFileError) in
      let partials = state.files.keys.filter { $0.hasPrefix(path + ".p/") }.sorted()
      for partial in partials { state.files[partial] = nil }
      return partials.count
    }
  }

  private func write<Value: Sendable>(
    _ body: (inout State) throws(TileFileError) -> Value
  ) throws(TileFileError) -> Value {
    try state.withLock { state throws(TileFileError) in
      guard state.writesLeft > 0 else { throw .full(detail: "the simulated disk") }
      state.writesLeft -= 1
      return try body(&state)
    }
  }
}
