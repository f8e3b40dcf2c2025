import LedgerModel
import PolicyFiles

/// The repository's packs, compiled, and as an author might change them.
enum PolicyToolFixtures {
  static func pack(_ name: String) throws -> CompiledPolicy {
    try PolicyCompiler.compile(
      bytes: try PolicyFixtures.pack(name), file: name, exponent: 2, acceptUnverified: true)
  }

  /// A pack with texts replaced, without its examples.
  ///
  /// - Throws: An error where a text is not there.
  static func pack(_ name: String, _ edits: [(String, String)]) throws -> CompiledPolicy {
    var text = String(decoding: try PolicyFixtures.pack(name), as: UTF8.self)
    text = text.split(separator: "\ntests:", maxSplits: 1).first.map { "\($0)\n" } ?? text
    for (old, new) in edits {
      guard text.contains(old) else { throw MissingText(text: old) }
      text = text.replacing(old, with: new)
    }
    return try PolicyCompiler.compile(
      text: text, file: name, exponent: 2, acceptUnverified: true)
  }

  struct MissingText: Error {
    let text: String
  }
}
