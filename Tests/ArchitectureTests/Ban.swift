/// One thing that code must not do, where, and what to do instead.
struct Ban: Sendable, CustomStringConvertible {
  /// What is looked for, as words: neither neighbour is a letter, digit or underscore.
  let words: [String]
  let scope: Scope
  let instead: String
  /// Files that are the exception, and why the exception is right is said where the ban is.
  let allowed: Set<String>

  enum Scope: Sendable {
    case modules(Set<String>)
    case sources
    case everywhere

    func contains(_ file: SourceFile) -> Bool {
      switch self {
      case .modules(let names): file.path.hasPrefix("Sources/") && names.contains(file.module)
      case .sources: file.path.hasPrefix("Sources/")
      case .everywhere: true
      }
    }
  }

  init(
    _ words: [String], in scope: Scope, instead: String, allowed: Set<String> = []
  ) {
    self.words = words
    self.scope = scope
    self.instead = instead
    self.allowed = allowed
  }

  var description: String { words.joined(separator: ", ") }

  /// Each use in a file, with what to do instead.
  func problems(in file: SourceFile) -> [String] {
    guard scope.contains(file), !allowed.contains(file.path) else { return [] }
    var problems: [String] = []
    let used = words.filter { file.code.contains($0) }
    guard !used.isEmpty else { return [] }
    for (index, line) in file.codeLines.enumerated() {
      for word in used where Self.contains(line, word) {
        problems.append("\(file.path):\(index + 1): `\(word)` is banned here; \(instead)")
      }
    }
    return problems
  }

  private static func contains(_ line: Substring, _ word: String) -> Bool {
    func isWordPart(_ character: Character?) -> Bool {
      guard let character else { return false }
      return character.isLetter || character.isNumber || character == "_"
    }
    return line.ranges(of: word).contains { range in
      let before = range.lowerBound == line.startIndex ? nil : line[..<range.lowerBound].last
      let after = line[range.upperBound...].first
      return !(isWordPart(word.first) && isWordPart(before))
        && !(isWordPart(word.last) && isWordPart(after))
    }
  }
}

extension Ban {
  private static let pure = Scope.modules(ModuleTable.pureModules)
  private static let service = Scope.modules(["LedgerService"])

  static let all: [Ban] = [
    // Pure modules: same input, same bytes out.
    Ban(
      ["Date()", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime", "time(nil)"],
      in: pure, instead: "take a `LedgerTime` parameter"),
    Ban(
      [
        ".random(", ".randomElement(", ".shuffled(", ".shuffle(", "SystemRandomNumberGenerator",
        "UUID()",
      ], in: pure, instead: "take the bytes, or `using:` a generator, as a parameter"),
    Ban(
      ["Double", "Float", "Float16", "Float32", "Float80", "Decimal("], in: pure,
      instead: "count minor units in integers, and sum in `Int128`"),
    Ban(
      ["async", "await", "Task", "actor", "AsyncStream"], in: pure,
      instead: "return values, and let `LedgerService` decide who waits"),
    Ban(
      ["Mutex", "Atomic", "NSLock", "NSCondition", "DispatchQueue", "pthread_mutex_lock"],
      in: pure, instead: "be a value with one owner"),
    Ban(
      ["ProcessInfo", "CommandLine", "getenv", "FileManager", "FileHandle", "fopen"], in: pure,
      instead: "take what is read as a parameter"),
    Ban(
      ["Hasher()", "hashValue"], in: pure,
      instead: "hash with SHA-256: `Hasher` is seeded anew in each process",
      // Where ids are found in memory, which shows nowhere: seeded, so that none can be made to
      // collide.
      allowed: ["Sources/LedgerCore/SeededHash.swift"]),
    Ban(
      ["fatalError("], in: pure,
      instead: "write `precondition` or `preconditionFailure`, with the values in the message"),
    Ban(["print(", "debugPrint(", "dump("], in: pure, instead: "return what is to be said"),

    // The service: a simulator must be able to run all of it on one thread in virtual time.
    Ban(
      ["Task.detached", "Task.sleep", "DispatchQueue", "Thread.sleep", "usleep(", "sleep("],
      in: service, instead: "make it a stage of the `StageScheduler`",
      allowed: ["Sources/LedgerService/ThreadScheduler.swift"]),
    Ban(
      ["Date()", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime"], in: service,
      instead: "ask the `ServiceClock`",
      // The one place that reads the machine's clocks, and the one that waits on real threads.
      allowed: [
        "Sources/LedgerService/SystemClock.swift", "Sources/LedgerService/ThreadScheduler.swift",
      ]),
    Ban(
      [".random(", ".randomElement(", ".shuffled(", "SystemRandomNumberGenerator", "UUID()"],
      in: service, instead: "take randomness from the `ServiceEnvironment`"),

    // Everywhere.
    Ban(
      ["@testable"], in: .everywhere,
      instead: "test by `public` and `package`: a test that needs a private part shows a missing "
        + "type"),
    Ban(["try!"], in: .everywhere, instead: "throw, or say by `preconditionFailure` why not"),
    Ban(["as!"], in: .everywhere, instead: "use `as?` with a `guard`, or a type that knows"),
  ]
}

/// Proofs in types: these values may be made in a few places alone.
enum MintedTypes {
  /// Where a `VerifiedInstruction` or a `VerifiedSubmission` may be made.
  static let mints: Set<String> = [
    // Verification of what arrived, and replay of what is durable.
    "Sources/LedgerWire/Messages/SubmissionVerifier.swift",
    "Sources/LedgerLog/BatchReader.swift",
    // Tests of a core that sees no bytes, and of the type itself.
    "Tests/LedgerTesting/SubmissionBuilder.swift",
    "Tests/LedgerModelTests/IdentifierTests.swift",
  ]

  static func problems(in file: SourceFile) -> [String] {
    guard !mints.contains(file.path) else { return [] }
    let mint = /(VerifiedInstruction|VerifiedSubmission)?(\.init)?\(\s*verified:/
    let code = file.code
    return code.matches(of: mint).compactMap { match in
      guard match.1 != nil || match.2 != nil else { return nil }
      let line = code[..<match.range.lowerBound].count { $0 == "\n" } + 1
      return "\(file.path):\(line): verified values are minted by verification and by replay "
        + "alone; hand in a `Submission` to `SubmissionVerifier`"
    }
  }
}

/// `Dictionary` and `Set` are ordered anew in each process, so no byte may depend on their order.
///
/// This finds the plain patterns alone: a loop over a name that is declared as one in the same
/// module, or that ends in `By…`, and `.keys` or `.values` of such a name, unless sorted.
enum UnorderedLoops {
  static let modules = ModuleTable.pureModules.union(["LedgerLog", "LedgerWire"])

  /// Lines that are right, and why.
  static let allowed: [(path: String, line: String, why: String)] = [
    (
      "Sources/LedgerModel/Orders/Genesis.swift",
      "for (name, quorum) in quorumsByName where", "it is an array of pairs"
    )
  ]

  /// Names declared as a dictionary or a set.
  static func names(in files: [SourceFile]) -> Set<String> {
    // `name: [Key: Value]`, `name: Set<…>` or `name = Set(…)`; a tuple's labels are no keys.
    let declaration =
      /(?:var|let)\s+(\w+)\s*(?::\s*(?:\[[^\[\]()]+:[^\[\]]*[\[\]]|Set<)|=\s*Set[<(])/
    var names: Set<String> = []
    for file in files {
      for match in file.code.matches(of: declaration) { names.insert(String(match.1)) }
    }
    return names
  }

  static func problems(in file: SourceFile, names: Set<String>) -> [String] {
    guard modules.contains(file.module) else { return [] }
    let loop = /\sin\s+(?:[\w?!]+\.)*(\w+)\s*(?:\{|where\s|$)/
    let view = /(\w+)\.(?:keys|values)(?![\w(])/
    var problems: [String] = []
    for (index, line) in file.codeLines.enumerated() {
      let isAllowed = allowed.contains { $0.path == file.path && line.contains($0.line) }
      guard !isAllowed, !line.contains("sorted") else { continue }
      let loops = line.contains("for ") ? line.matches(of: loop).map { String($0.1) } : []
      let looped = loops.first { names.contains($0) || $0.contains(/By[A-Z]\w*$/) }
      let viewed = line.matches(of: view).map { String($0.1) }.first(where: names.contains)
      guard let name = looped ?? viewed else { continue }
      problems.append(
        "\(file.path):\(index + 1): `\(name)` is in no order; sort it first, or list the line "
          + "in UnorderedLoops with the reason that its order cannot show")
    }
    return problems
  }
}
