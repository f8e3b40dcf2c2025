/// `Package.swift` as far as the table must agree with it, read as text.
///
/// It knows the few shapes in which that file names a target; another shape is a missing target,
/// which the tests report.
struct Manifest {
  struct Dependencies: Equatable {
    var modules: Set<String> = []
    var products: Set<String> = []
  }

  /// By target: those of `Sources` and system libraries.
  let targets: [String: Dependencies]

  init(_ text: String) {
    // Comments go, strings stay: they are what is read.
    let text = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line }
      .filter { !$0.contains("url:") }
      .joined(separator: "\n")
    var productByIdentifier: [String: String] = [:]
    let declaration = /let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)"/
    for match in text.matches(of: declaration) {
      productByIdentifier[String(match.1)] = String(match.2)
    }
    var targets: [String: Dependencies] = [:]
    func add(_ name: Substring, _ list: Substring?) {
      var dependencies = Dependencies()
      for item in (list ?? "").split(separator: ",") {
        let word = item.trimmingPrefix { $0.isWhitespace }
        let isModule = word.hasPrefix("\"")
        let bare = String(word.filter { $0.isLetter || $0.isNumber || $0 == "_" })
        if bare.isEmpty { continue }
        if isModule {
          dependencies.modules.insert(bare)
        } else {
          dependencies.products.insert(productByIdentifier[bare] ?? bare)
        }
      }
      targets[String(name)] = dependencies
    }
    let module =
      /module\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?(?:,\s*resources: \[[^\]]*\])?,?\s*\)/
    for match in text.matches(of: module) {
      add(match.1, match.2)
    }
    let long =
      /\.(?:executableTarget|target)\(\s*name: "([\w-]+)",\s*dependencies: \[([^\]]*)\],(\s*path:)?/
    // What has a path of its own is no part of Sources: test support, benchmarks.
    for match in text.matches(of: long) where match.3 == nil { add(match.1, match.2) }
    for match in text.matches(of: /\.systemLibrary\(\s*name: "(\w+)"/) { add(match.1, nil) }
    self.targets = targets
  }

  /// Where the manifest and the table differ.
  func problems(against rows: [ModuleRow]) -> [String] {
    var problems: [String] = []
    for row in rows {
      guard let target = targets[row.module] else {
        problems.append("Package.swift has no target \(row.module)")
        continue
      }
      let wanted = Dependencies(modules: Set(row.modules), products: Set(row.products))
      for name in target.modules.symmetricDifference(wanted.modules).sorted()
        + target.products.symmetricDifference(wanted.products).sorted()
      {
        let isInManifest = target.modules.contains(name) || target.products.contains(name)
        problems.append(
          "\(row.module) → \(name) is in \(isInManifest ? "Package.swift" : "ModuleTable") alone")
      }
    }
    let known = Set(rows.map(\.module))
    for name in targets.keys.sorted() where !known.contains(name) {
      problems.append("\(name) has no row in ModuleTable")
    }
    return problems
  }
}
