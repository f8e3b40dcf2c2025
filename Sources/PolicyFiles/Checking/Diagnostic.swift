/// A place in a policy file; lines and columns count from 1, columns in Unicode scalars.
public struct SourcePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.line, lhs.column) < (rhs.line, rhs.column)
  }

  public var description: String { "\(line):\(column)" }
}

/// One error or warning about a policy file.
public struct Diagnostic: Hashable, Sendable {
  /// As it was handed to the compiler.
  public let file: String
  public let position: SourcePosition
  public let problem: PolicyProblem

  public init(file: String, position: SourcePosition, problem: PolicyProblem) {
    self.file = file
    self.position = position
    self.problem = problem
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error E01: message`.
  public var description: String {
    let severity = problem.isWarning ? "warning" : "error"
    return "\(file):\(position): \(severity) \(problem.code): \(problem)"
  }
}

/// Everything that is wrong with a policy file, in the order of the file.
public struct PolicyFileErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// At least one.
  public let errors: [Diagnostic]
  /// What else was seen.
  public let warnings: [Diagnostic]

  init(errors: [Diagnostic], warnings: [Diagnostic]) {
    self.errors = errors
    self.warnings = warnings
  }

  /// Problems of a text that is no policy file yet.
  init(_ file: String, _ problems: [(SourcePosition, PolicyProblem)]) {
    self.init(
      errors: problems.map { Diagnostic(file: file, position: $0.0, problem: $0.1) }, warnings: [])
  }

  /// One line each.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}
