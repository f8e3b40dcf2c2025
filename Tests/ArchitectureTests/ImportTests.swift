import Testing

/// Goal: an import goes down the table, or does not exist.
///
/// Method: every import of every file against `ModuleTable`, which is held against itself and
/// against Package.swift; and each checker against text that it must catch.
@Suite struct ImportTests {
  @Test func importsAreThoseOfTheTable() {
    let problems = Repository.sources.flatMap { ModuleTable.problems(in: $0) }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    #expect(Repository.sources.count > 100, "the tree was not found at \(Repository.root)")
  }

  @Test func theTablePointsToEarlierRowsOnly() {
    let problems = ModuleTable.problems(in: ModuleTable.rows)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func theTableIsPackageSwifts() throws {
    let manifest = try #require(Repository.file("Package.swift"))
    let problems = Manifest(manifest.text).problems(against: ModuleTable.rows)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func everyModuleHasItsFolder() {
    for row in ModuleTable.rows {
      #expect(Repository.exists("Sources/" + row.module), "\(row.module) has no folder")
    }
  }

  @Test(arguments: [
    ("LedgerCore", "import Foundation"), ("LedgerCore", "public import LedgerWire"),
    ("LedgerModel", "@preconcurrency import Dispatch"),
    ("LedgerPolicy", "import LedgerModel; import Foundation"),
    ("MerkleLog", "import struct LedgerModel.Amount"), ("MerkleLog", "import Foundation.NSDate"),
    ("LedgerService", "import LedgerStorageSQLite"), ("LedgerHTTP", "import LedgerStorageSQLite"),
    ("LedgerNew", ""),
  ])
  func aForbiddenImportIsCaught(module: String, line: String) {
    let file = SourceFile(path: "Sources/\(module)/Made.swift", text: line + "\n")
    #expect(ModuleTable.problems(in: file).count == 1)
  }

  @Test func anAllowedImportIsNot() {
    let text = """
      // import Foundation
      /* import Foundation */
      let text = "import Foundation"
      public import LedgerModel
      internal import struct LedgerPolicy.Decision
      """
    let file = SourceFile(path: "Sources/LedgerCore/Made.swift", text: text)
    #expect(ModuleTable.problems(in: file) == [])
    #expect(ModuleTable.imports(of: file).map(\.name) == ["LedgerModel", "LedgerPolicy"])
  }

  @Test func aWrongTableIsCaught() {
    let low = ModuleRow("Low", layer: 0, isPure: true, modules: ["High"], toolchain: [])
    let high = ModuleRow("High", layer: 1, modules: ["Low"], toolchain: [])
    #expect(ModuleTable.problems(in: [low, high]).count == 1, "a cycle")
    let itself = ModuleRow("Low", layer: 0, modules: ["Low"])
    #expect(ModuleTable.problems(in: [itself]).count == 1, "itself")
    let pure = ModuleRow("Pure", layer: 1, isPure: true, modules: ["Wire"], toolchain: [])
    let wire = ModuleRow("Wire", layer: 1)
    #expect(ModuleTable.problems(in: [wire, pure]).count == 1, "pure to impure")
    let up = ModuleRow("Up", layer: 0, modules: ["Wire"])
    #expect(ModuleTable.problems(in: [wire, up]).count == 1, "up a layer")
  }

  @Test func anotherManifestIsCaught() {
    let text = """
      let yams = Target.Dependency.product(name: "Yams", package: "Yams")
        // module("Ghost"),
        module("Low"),
        module("High", ["Low", yams]),
        module(
          "Wide",
          [
            "Low", "High",
          ]),
        .target(
          name: "Support", dependencies: ["Low"],
          path: "Tests/Support"),
      """
    let low = ModuleRow("Low", layer: 0)
    let high = ModuleRow("High", layer: 1, modules: ["Low"], products: ["Yams"])
    let wide = ModuleRow("Wide", layer: 2, modules: ["Low", "High"])
    let manifest = Manifest(text)
    #expect(manifest.problems(against: [low, high, wide]) == [])
    #expect(manifest.problems(against: [low, high]).count == 1, "a target without a row")
    let more = ModuleRow("High", layer: 1, modules: ["Low"], products: ["Yams", "GRDB"])
    #expect(manifest.problems(against: [low, more, wide]).count == 1, "an arrow too many")
    let less = ModuleRow("Wide", layer: 2, modules: ["Low"])
    #expect(manifest.problems(against: [low, high, less]).count == 1, "an arrow missing")
    let ghost = ModuleRow("Ghost", layer: 0)
    #expect(manifest.problems(against: [low, high, wide, ghost]).count == 1, "no target")
  }
}
