/// Text of a bounded length over a named alphabet: a value that exists is valid.
public protocol Name: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a valid text is.
  static var rule: NameRule { get }

  var text: String { get }

  init(unchecked text: String)
}

/// What texts a ``Name`` admits.
public struct NameRule: Sendable {
  /// Which bytes are allowed.
  public enum Alphabet: Sendable {
    /// `a-z`, `0-9`, `-`.
    case code
    /// `a-z`, `0-9`, `-`, `.`.
    case dottedCode
    /// `A-Z`, `0-9`.
    case capitals
    /// Any text without what a terminal or a reader's eye obeys rather than shows: control
    /// characters, marks of direction, separators of lines and invisible ones.
    ///
    /// The ranges are fixed, so that no version of Unicode decides: up to U+001F, U+007F to 009F,
    /// 061C, 200E to 200F, 2028 to 202E, 2060 to 2069 and FEFF.
    case text
  }

  /// What the name is called in an error.
  public let noun: String
  public let bytesMin: Int
  public let bytesMax: Int
  public let alphabet: Alphabet
  /// Texts that are admitted by all else, but mean something else where the name stands.
  public let reserved: [String]

  public init(
    _ noun: String, bytes: ClosedRange<Int>, of alphabet: Alphabet, reserved: [String] = []
  ) {
    self.noun = noun
    self.bytesMin = bytes.lowerBound
    self.bytesMax = bytes.upperBound
    self.alphabet = alphabet
    self.reserved = reserved
  }

  /// Whether `text` is within the rule.
  public func admits(_ text: String) -> Bool {
    let utf8 = text.utf8
    guard bytesMin <= utf8.count, utf8.count <= bytesMax, !reserved.contains(text) else {
      return false
    }
    if alphabet == .text { return text.unicodeScalars.allSatisfy(Self.isText) }
    return utf8.allSatisfy { byte in
      switch alphabet {
      case .code, .dottedCode:
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        case UInt8(ascii: "."): alphabet == .dottedCode
        default: false
        }
      case .capitals:
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
      case .text: preconditionFailure("text is read by scalars")
      }
    }
  }

  /// Whether the alphabet ``Alphabet/text`` has the character.
  static func isText(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF:
      false
    default: true
    }
  }
}

/// Why a text is no name of its kind.
public struct NameError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ text: String, _ rule: NameRule) {
    let alphabet =
      switch rule.alphabet {
      case .code: "`a-z`, `0-9` and `-`"
      case .dottedCode: "`a-z`, `0-9`, `-` and `.`"
      case .capitals: "`A-Z` and `0-9`"
      case .text: "text without control, direction or invisible characters"
      }
    let words = rule.reserved.map { "`\($0)`" }
    let reserved =
      words.count > 1
      ? words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1] : words.first
    // Shown, not obeyed, wherever the error is read.
    let shown = text.unicodeScalars.map { scalar in
      NameRule.isText(scalar)
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }.joined()
    description =
      "`\(shown)` is no \(rule.noun): "
      + "use \(rule.bytesMin) to \(rule.bytesMax) bytes of \(alphabet)"
      + (reserved.map { ", except \($0)" } ?? "")
  }
}

extension Name {
  /// Creates the name.
  ///
  /// - Throws: ``NameError`` unless ``rule`` admits `text`.
  public init(_ text: String) throws(NameError) {
    guard Self.rule.admits(text) else { throw NameError(text, Self.rule) }
    self.init(unchecked: text)
  }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8)
  }

  public var description: String { text }
}

/// An institution admitted to hold accounts, named by a short code.
public struct ParticipantID: Name {
  public static var rule: NameRule {
    // The other parties and readers, in the text forms of a `Party` and a `Reader`.
    NameRule(
      "participant code", bytes: 2...32, of: .code, reserved: ["issuer", "recovery", "auditor"])
  }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// An institution's full name.
public struct ParticipantName: Name {
  public static var rule: NameRule { NameRule("participant name", bytes: 1...140, of: .text) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// A class of wallets, for limits.
public struct Tier: Name {
  public static var rule: NameRule { NameRule("tier", bytes: 1...16, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// ISO 20022 external purpose code; empty where none is given.
public struct Purpose: Name {
  public static var rule: NameRule { NameRule("purpose code", bytes: 0...4, of: .capitals) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// How an instruction came in, for rules; empty where not said.
public struct Channel: Name {
  public static var rule: NameRule { NameRule("channel", bytes: 0...16, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The client's own reference (ISO 20022 Max35Text); empty where none is given.
public struct ClientReference: Name {
  public static var rule: NameRule { NameRule("client reference", bytes: 0...35, of: .text) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The legal ground of an exceptional power.
public struct LegalReference: Name {
  public static var rule: NameRule { NameRule("legal reference", bytes: 1...140, of: .text) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The payment in the RTGS system behind an issuance or redemption (ISO 20022 Max35Text).
public struct RTGSReference: Name {
  public static var rule: NameRule { NameRule("RTGS reference", bytes: 1...35, of: .text) }
  public let text: String
  public init(unchecked text: String) { self.text = text }

  // By bytes, because the ledger decides by them: `String` compares by canonical equivalence, and
  // so by whichever version of Unicode the binary was built with.
  public static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.text.utf8.elementsEqual(rhs.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

/// The name of a rule pack.
public struct PackName: Name {
  public static var rule: NameRule { NameRule("pack name", bytes: 1...64, of: .dottedCode) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The name of one rule within its set.
public struct RuleID: Name {
  public static var rule: NameRule { NameRule("rule id", bytes: 1...64, of: .dottedCode) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// An officer's or a recovery key holder's name.
public struct OfficerName: Name {
  public static var rule: NameRule { NameRule("officer name", bytes: 1...64, of: .text) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The name of a business calendar within a rule set.
public struct CalendarName: Name {
  public static var rule: NameRule { NameRule("calendar name", bytes: 1...32, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The name of an attribute of wallets or participants.
public struct AttributeName: Name {
  public static var rule: NameRule { NameRule("attribute name", bytes: 1...32, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// A value of an attribute that is a word.
public struct AttributeWord: Name {
  public static var rule: NameRule { NameRule("attribute word", bytes: 1...32, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The name of an event that windows count from.
public struct EventName: Name {
  public static var rule: NameRule { NameRule("event name", bytes: 1...32, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}

/// The name of a group of signers within a rule set.
public struct GroupName: Name {
  public static var rule: NameRule { NameRule("group name", bytes: 1...32, of: .code) }
  public let text: String
  public init(unchecked text: String) { self.text = text }
}
