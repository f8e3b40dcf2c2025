/// Why an object of JSON is no document, in words, without names of types: where in it, and what
/// would be right.
struct DecodingProblem: CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      description = "`\(Self.place(context.codingPath + [key]))` is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      description = "`\(Self.place(context.codingPath))` is not \(Self.name(of: type))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      description = "`\(Self.place(context.codingPath))` is out of range"
    default: description = "it has a number out of range, or a text with a false escape"
    }
  }

  /// As in `log.entries[3].path`.
  private static func place(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "`true` or `false`"
    case is any BinaryInteger.Type: "a whole number that is not negative"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
