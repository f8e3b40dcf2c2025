import Foundation
import LedgerModel
import PolicyFiles
import Testing

/// Small policy files for tests, and zones that need no zone database.
enum PolicyFixtures {
  /// The repository's own packs.
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("policy")

  /// The names of the repository's own packs.
  static func packs() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
  }

  static func pack(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appendingPathComponent(name)))
  }

  /// Zones as short TZif files: no transitions, and a footer.
  static let zones = ZoneDatabase(
    read: { name in
      switch name {
      case "Asia/Shanghai": tzif(footer: "CST-8", offset: 28_800)
      case "Europe/Berlin": tzif(footer: "CET-1CEST,M3.5.0,M10.5.0/3", offset: 3_600)
      case "Africa/Lagos": tzif(footer: "WAT-1", offset: 3_600)
      case "America/Sao_Paulo": tzif(footer: "<-03>3", offset: -10_800)
      default: nil
      }
    }, names: { ["Asia/Shanghai", "Europe/Berlin", "EST5EDT"] })

  /// A TZif file of version 2 (RFC 9636).
  static func tzif(
    footer: String, offset: Int32 = 0, transitions: [(at: Int64, type: UInt8)] = [],
    types: [Int32]? = nil, version: UInt8 = UInt8(ascii: "2"), leapSeconds: Int32 = 0
  ) -> [UInt8] {
    let types = types ?? [offset]
    func header(_ counts: [Int32]) -> [UInt8] {
      Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15) + counts.flatMap(bigEndian)
    }
    var bytes = header([0, 0, 0, 0, 1, 4]) + bigEndian(0 as Int32) + [0, 0] + Array("UTC\0".utf8)
    bytes += header([0, 0, leapSeconds, Int32(transitions.count), Int32(types.count), 4])
    bytes += transitions.flatMap { bigEndian($0.at) } + transitions.map(\.type)
    bytes += types.flatMap { bigEndian($0) + [0, 0] } + Array("UTC\0".utf8)
    return bytes + Array("\n\(footer)\n".utf8)
  }

  private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// A file that compiles, of 18 lines.
  static let small = """
    schema: 1
    pack: test.small
    version: 7
    currency: CNY
    timezone: Asia/Shanghai
    mode: enforce
    tiers: [basic, full]
    limits:
      - table: spend
        measure: amount
        operations: [pay]
        direction: out
        per: wallet
        then: deny
        tiers: [basic, full]
        maxima:
          payment: ["100.00", none]
          day: ["250.00", "1000.00"]
    """

  static func compile(
    _ text: String, exponent: Int = 2, acceptUnverified: Bool = false
  ) throws(PolicyFileErrors) -> CompiledPolicy {
    try PolicyCompiler.compile(
      text: text, file: "p.yaml", exponent: exponent, acceptUnverified: acceptUnverified,
      zones: zones)
  }

  /// The errors of a text, one a line; empty where it compiles.
  static func errors(_ text: String, exponent: Int = 2) -> String {
    do {
      _ = try compile(text, exponent: exponent)
      return ""
    } catch {
      return error.description
    }
  }
}
