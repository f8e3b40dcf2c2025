import Foundation
import PolicyFiles
import Testing

/// Goal: each error and warning is told with its place, in these words.
///
/// Method: every file of `Bad` stands beside a text of the same name with all that is told of it. A
/// file beside it of the name `.previous` is the version before, and one of the name `.scheme` the
/// scheme's. Where `SPECIE_WRITE_GOLDEN` is set, the texts are written instead.
@Suite struct BadPackTests {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Bad")

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") && !$0.contains(".previous.") && !$0.contains(".scheme.") }
    .map { String($0.dropLast(5)) }.sorted()

  @Test(arguments: names)
  func tell(name: String) throws {
    let golden = Self.directory.appendingPathComponent("\(name).txt")
    let found = try told(of: name)
    if ProcessInfo.processInfo.environment["SPECIE_WRITE_GOLDEN"] != nil {
      try Data(found.utf8).write(to: golden)
    }
    let expected = String(decoding: try Data(contentsOf: golden), as: UTF8.self)
    #expect(found == expected)
    let code = name.prefix(3)
    #expect(found.contains(" \(code): "), "\(name) is about another code")
  }

  /// Goal: no code of the format is without an example; E21 takes a file too long to keep.
  @Test func haveAnExampleOfEachCode() {
    let codes =
      ["E00", "E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09"]
      + ["E10", "E11", "E12", "E13", "E14", "E15", "E16", "E17", "E18", "E20", "E22"]
      + ["W01", "W02", "W03", "W04", "W05", "W06", "W08", "W09", "W10", "W11", "W12"]
    for code in codes {
      #expect(Self.names.contains { $0.hasPrefix(code) }, "\(code)")
    }
  }

  /// Everything that is told of a file, one a line.
  private func told(of name: String) throws -> String {
    do {
      let policy = try compile(name)
      var all = policy.warnings
      all += PolicyChecks(policy).against(previous: try? compile("\(name).previous"))
      if let scheme = try? compile("\(name).scheme") {
        all += PolicyChecks(policy).against(scheme: scheme)
      }
      if !policy.examples.isEmpty { all += PolicyTests.run(policy).gaps }
      return all.map { "\($0)\n" }.joined()
    } catch let error as PolicyFileErrors {
      return (error.errors + error.warnings).map { "\($0)\n" }.joined()
    }
  }

  private func compile(_ name: String) throws -> CompiledPolicy {
    let file = Self.directory.appendingPathComponent("\(name).yaml")
    return try PolicyCompiler.compile(
      bytes: [UInt8](try Data(contentsOf: file)), file: "\(name).yaml", exponent: 2,
      zones: PolicyFixtures.zones)
  }
}
