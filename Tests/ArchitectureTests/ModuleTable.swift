/// The architecture as a table: an import goes up it, to an earlier row, or does not exist.
///
/// docs/ARCHITECTURE.md says what each module is. A new module adds its row by a decision record.
struct ModuleRow: Sendable {
  let module: String
  let layer: Int
  /// Pure: no I/O, clock, randomness, global, `async`, lock or environment.
  let isPure: Bool
  /// Modules of ours, system libraries included.
  let modules: [String]
  /// Products of other packages.
  let products: [String]
  /// Modules that come with the toolchain, beyond the standard library.
  let toolchain: [String]

  init(
    _ module: String, layer: Int, isPure: Bool = false, modules: [String] = [],
    products: [String] = [], toolchain: [String] = ModuleTable.toolchain
  ) {
    self.module = module
    self.layer = layer
    self.isPure = isPure
    self.modules = modules
    self.products = products
    self.toolchain = toolchain
  }

  var allowedImports: Set<String> {
    Set(modules + toolchain + products.flatMap { ModuleTable.modulesByProduct[$0] ?? [] })
  }
}

enum ModuleTable {
  static let toolchain = ["Foundation", "FoundationEssentials", "Glibc", "Synchronization"]

  static let rows: [ModuleRow] = [
    ModuleRow("CExpat", layer: 0, toolchain: []),
    ModuleRow("CLibcrypto", layer: 0, toolchain: []),
    ModuleRow("CLibsodium", layer: 0, toolchain: []),
    ModuleRow("CLinux", layer: 0, toolchain: []),
    ModuleRow("LedgerModel", layer: 0, isPure: true, toolchain: []),
    ModuleRow("MerkleLog", layer: 0, isPure: true, modules: ["CLibcrypto"], toolchain: []),
    ModuleRow("LedgerPolicy", layer: 1, isPure: true, modules: ["LedgerModel"], toolchain: []),
    ModuleRow(
      "LedgerCore", layer: 2, isPure: true, modules: ["LedgerModel", "LedgerPolicy"],
      toolchain: []),
    ModuleRow(
      "LedgerSchema", layer: 3, products: ["SwiftProtobuf"],
      toolchain: ["Foundation", "FoundationEssentials"]),
    ModuleRow(
      "LedgerWire", layer: 3,
      modules: ["LedgerModel", "MerkleLog", "LedgerSchema", "CLibsodium"],
      products: ["SwiftProtobuf"]),
    ModuleRow(
      "PolicyFiles", layer: 3,
      modules: ["LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerWire"], products: ["Yams"]),
    ModuleRow("LedgerStorage", layer: 3, modules: ["LedgerModel"], toolchain: ["Synchronization"]),
    ModuleRow(
      "LedgerLog", layer: 3,
      modules: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
      ], toolchain: ["Foundation"]),
    ModuleRow(
      "LedgerStorageSQLite", layer: 4, modules: ["LedgerModel", "LedgerStorage", "CLinux"],
      products: ["GRDB", "GRDBSQLite"]),
    ModuleRow(
      "LedgerService", layer: 4,
      modules: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerLog",
      ], products: ["Logging", "Metrics", "ServiceLifecycle"]),
    ModuleRow(
      "LedgerAudit", layer: 4,
      modules: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerLog",
      ]),
    ModuleRow(
      "LedgerISO20022", layer: 4, isPure: true, modules: ["LedgerModel", "CExpat"], toolchain: []),
    ModuleRow(
      "PaymentFiles", layer: 4,
      modules: ["LedgerModel", "MerkleLog", "LedgerWire", "LedgerISO20022"],
      toolchain: ["FoundationEssentials", "Synchronization"]),
    ModuleRow(
      "LedgerTLS", layer: 5, modules: ["LedgerModel", "MerkleLog"], products: ["NIOSSL"]),
    ModuleRow(
      "LedgerHTTP", layer: 5,
      modules: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "LedgerStorage",
        "LedgerService", "LedgerAudit", "LedgerISO20022", "LedgerTLS",
      ],
      products: [
        "AsyncHTTPClient", "CoreMetrics", "Hummingbird", "HTTPTypes", "NIOCore", "NIOHTTP1",
        "NIOHTTPTypes", "NIOSSL",
        "NIOTLS", "Logging", "ServiceLifecycle",
      ]),
    ModuleRow(
      "LedgerClient", layer: 5,
      modules: ["LedgerModel", "MerkleLog", "LedgerSchema", "LedgerWire", "LedgerTLS"],
      products: ["SwiftProtobuf", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL"]),
    ModuleRow(
      "LedgerWitness", layer: 5,
      modules: ["LedgerModel", "MerkleLog", "LedgerWire", "LedgerHTTP"],
      products: [
        "GRDB", "Hummingbird", "HTTPTypes", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "Logging",
        "ServiceLifecycle",
      ]),
    ModuleRow(
      "specie", layer: 6,
      modules: [
        "LedgerModel", "MerkleLog", "LedgerPolicy", "LedgerCore", "LedgerWire", "PolicyFiles",
        "LedgerStorage", "LedgerStorageSQLite", "LedgerLog", "LedgerService", "LedgerAudit",
        "LedgerISO20022", "PaymentFiles", "LedgerTLS", "LedgerHTTP", "LedgerClient",
        "LedgerWitness",
      ],
      products: [
        "ArgumentParser", "Configuration", "CoreMetrics", "Crypto", "Logging", "ServiceLifecycle",
        "SwiftASN1", "X509", "Yams",
      ],
      toolchain: toolchain + ["Dispatch"]),
  ]

  /// What a product lets one import: for most, the module of its name.
  static let modulesByProduct: [String: [String]] = [
    "ArgumentParser": ["ArgumentParser"],
    "AsyncHTTPClient": ["AsyncHTTPClient"],
    "Configuration": ["Configuration"],
    "CoreMetrics": ["CoreMetrics"],
    "Crypto": ["Crypto"],
    "GRDB": ["GRDB"],
    "GRDBSQLite": ["GRDBSQLite"],
    "HTTPTypes": ["HTTPTypes"],
    "Hummingbird": ["Hummingbird", "HummingbirdCore"],
    "Logging": ["Logging"],
    "Metrics": ["Metrics"],
    "NIOCore": ["NIOCore"],
    "NIOHTTP1": ["NIOHTTP1"],
    "NIOHTTPTypes": ["NIOHTTPTypes"],
    "NIOSSL": ["NIOSSL"],
    "NIOTLS": ["NIOTLS"],
    "ServiceLifecycle": ["ServiceLifecycle"],
    "SwiftASN1": ["SwiftASN1"],
    "SwiftProtobuf": ["SwiftProtobuf"],
    "X509": ["X509"],
    "Yams": ["Yams"],
  ]

  /// System libraries of which the pure modules use functions of their parameters alone.
  static let pureLibraries: Set<String> = ["CLibcrypto", "CExpat"]

  static let pureModules = Set(rows.filter(\.isPure).map(\.module))

  /// What is wrong with a table: rows that point down, to themselves or to nothing.
  static func problems(in rows: [ModuleRow]) -> [String] {
    var problems: [String] = []
    var earlier: [String: ModuleRow] = [:]
    for row in rows {
      for module in row.modules {
        guard let target = earlier[module] else {
          problems.append("\(row.module) points to \(module), which is no earlier row")
          continue
        }
        if target.layer > row.layer {
          problems.append("\(row.module) points to \(module), which is of a higher layer")
        }
        if row.isPure, !target.isPure, !pureLibraries.contains(module) {
          problems.append("\(row.module) is pure, and points to \(module), which is not")
        }
      }
      if row.isPure, !row.products.isEmpty || !row.toolchain.isEmpty {
        problems.append("\(row.module) is pure, and imports more than modules of ours")
      }
      for product in row.products where modulesByProduct[product] == nil {
        problems.append("\(row.module) names \(product), a product that is not listed")
      }
      if earlier[row.module] != nil { problems.append("\(row.module) has two rows") }
      earlier[row.module] = row
    }
    return problems
  }

  /// The imports of a file that its module's row does not allow.
  static func problems(in file: SourceFile) -> [String] {
    guard let row = rows.first(where: { $0.module == file.module }) else {
      return ["\(file.path): \(file.module) has no row in ModuleTable"]
    }
    let allowed = row.allowedImports
    return imports(of: file).filter { !allowed.contains($0.name) }.map { line, name in
      "\(file.path):\(line): \(row.module) may not import \(name); "
        + "hand it in as a value or a closure, or change the table by a decision record"
    }
  }

  /// The modules that a file imports, with their lines.
  static func imports(of file: SourceFile) -> [(line: Int, name: String)] {
    let scoped: Set<Substring> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
    ]
    var found: [(line: Int, name: String)] = []
    for (index, line) in file.codeLines.enumerated() {
      for statement in line.split(separator: ";") {
        let words = statement.split(separator: " ")
        guard let place = words.firstIndex(of: "import"),
          words[..<place].allSatisfy(isImportModifier)
        else { continue }
        let name = words[(place + 1)...].first { !scoped.contains($0) } ?? ""
        found.append((index + 1, String(name.prefix { $0 != "." })))
      }
    }
    return found
  }

  private static func isImportModifier(_ word: Substring) -> Bool {
    let access: Set<Substring> = [
      "public", "package", "internal", "fileprivate", "private",
    ]
    return access.contains(word) || word.hasPrefix("@")
  }
}
