internal import LedgerModel

/// Why an attribute cannot be set.
public enum AttributeError: Error, Hashable, Sendable {
  /// No set in force has such an attribute of such a holder.
  case unknown
  /// It is a word where a number is wanted, or the other way round.
  case wrongKind
  case wordUnknown
  case aboveCeiling(UInt64)
}

/// Why a payee cannot be listed, or struck off the list.
public enum PayeeError: Error, Hashable, Sendable {
  case alreadyListed
  case notListed
  case full(max: Int)
}

/// Why an event cannot be recorded.
public enum EventError: Error, Hashable, Sendable {
  /// No set in force has such an event that is recorded.
  case unknown
}

/// One attribute of all its holders: 8 bytes each.
struct AttributeColumn: Sendable, Equatable {
  let name: AttributeName
  let holder: Attribute.Holder
  let isAmount: Bool
  /// Minor units, or a place in `words`; -1 where none was set.
  private var values: [Int64] = []
  private var words: [AttributeWord] = []
  /// Raised amounts that are not yet in force.
  private var raised: [Int: Raised] = [:]

  private struct Raised: Hashable, Sendable {
    let value: Int64
    let from: LedgerTime
  }

  init(_ attribute: Attribute) {
    name = attribute.name
    holder = attribute.holder
    isAmount = attribute.isAmount
  }

  /// Whether it was never set for anyone.
  var isEmpty: Bool { values.isEmpty && raised.isEmpty }

  func isOf(_ attribute: Attribute) -> Bool {
    name == attribute.name && holder == attribute.holder && isAmount == attribute.isAmount
  }

  /// The word that the holder has.
  func word(of holder: Int) -> AttributeWord? {
    number(of: holder).map { words[$0] }
  }

  /// The number of the word that the holder has, from 0 and the same for the same word.
  func number(of holder: Int) -> Int? {
    guard holder < values.count, values[holder] >= 0 else { return nil }
    return Int(values[holder])
  }

  /// The amount that the holder has at a time.
  func amount(of holder: Int, at time: LedgerTime) -> UInt64? {
    if !raised.isEmpty, let raised = raised[holder], raised.from <= time {
      return UInt64(raised.value)
    }
    guard holder < values.count, values[holder] >= 0 else { return nil }
    return UInt64(values[holder])
  }

  mutating func set(
    _ holder: Int, to value: AttributeValue, _ kind: Attribute.Kind, at time: LedgerTime
  ) throws(AttributeError) {
    switch (kind, value) {
    case (.words(let known), .word(let word)):
      guard known.contains(word) else { throw .wordUnknown }
      let place = words.firstIndex(of: word) ?? words.count
      if place == words.count { words.append(word) }
      write(holder, Int64(place))
    case (.amount(let rule), .amount(let amount)):
      let ceiling = rule.ceiling ?? UInt64(Balance.max.minorUnits)
      guard amount <= ceiling else { throw .aboveCeiling(ceiling) }
      if let raised = raised.removeValue(forKey: holder), raised.from <= time {
        write(holder, raised.value)
      }
      let current = self.amount(of: holder, at: time) ?? rule.initial
      if let current, amount > current, rule.raiseAfterMicroseconds > 0 {
        raised[holder] = Raised(
          value: Int64(amount), from: time.advanced(byMicroseconds: rule.raiseAfterMicroseconds))
      } else {
        write(holder, Int64(amount))
      }
    case (.words, .amount), (.amount, .word): throw .wrongKind
    }
  }

  private mutating func write(_ holder: Int, _ value: Int64) {
    if values.count <= holder {
      values.append(contentsOf: repeatElement(-1, count: holder + 1 - values.count))
    }
    values[holder] = value
  }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(name.text)
    snapshot.write(holder == .wallet)
    snapshot.write(isAmount)
    snapshot.write(values.count)
    for value in values { snapshot.write(value) }
    snapshot.write(words.count)
    for word in words { snapshot.write(word.text) }
    snapshot.write(raised.count)
    for holder in raised.keys.sorted() {
      guard let raised = raised[holder] else { continue }
      snapshot.write(holder)
      snapshot.write(raised.value)
      snapshot.write(raised.from.microseconds)
    }
  }

  init(reading snapshot: inout SnapshotReader) throws(SnapshotError) {
    name = AttributeName(unchecked: try snapshot.text())
    holder = try snapshot.bool() ? .wallet : .participant
    isAmount = try snapshot.bool()
    for _ in 0..<(try snapshot.count(max: .max)) { values.append(try snapshot.int64()) }
    for _ in 0..<(try snapshot.count(max: .max)) {
      words.append(AttributeWord(unchecked: try snapshot.text()))
    }
    guard isAmount || values.allSatisfy({ $0 < Int64(words.count) }) else {
      throw SnapshotError("attribute \(name) has a word that is none")
    }
    for _ in 0..<(try snapshot.count(max: .max)) {
      let holder = try snapshot.int()
      raised[holder] = Raised(
        value: try snapshot.int64(), from: LedgerTime(microseconds: try snapshot.uint64()))
    }
  }
}

/// One event of all wallets: 12 bytes each.
///
/// An event is known by its name and by what it is, so that two sets that mean different things by
/// one name do not disturb each other.
struct EventColumn: Sendable, Equatable {
  /// Of no event, until some set defines one.
  static let spare = EventColumn(definition: nil)

  let definition: EventDefinition?
  private var counts: [Int32] = []
  private var times: [UInt64] = []

  private init(definition: EventDefinition?) { self.definition = definition }

  init(_ event: EventDefinition) { definition = event }

  /// How many such events the wallet has had; of more than 2^31 no one is told from another.
  func count(of slot: Int) -> Int32 { slot < counts.count ? counts[slot] : 0 }

  /// When the newest was.
  func time(of slot: Int) -> LedgerTime? {
    count(of: slot) == 0 ? nil : LedgerTime(microseconds: times[slot])
  }

  mutating func add(_ slot: Int, at time: LedgerTime) {
    if counts.count <= slot {
      counts.append(contentsOf: repeatElement(0, count: slot + 1 - counts.count))
      times.append(contentsOf: repeatElement(0, count: slot + 1 - times.count))
    }
    // No window begins anew any more then, which lets pass less, and not more.
    guard counts[slot] < .max else { return }
    counts[slot] += 1
    times[slot] = time.microseconds
  }

  func write(to snapshot: inout SnapshotWriter) {
    snapshot.write(counts.count)
    for (count, time) in zip(counts, times) {
      snapshot.write(count)
      snapshot.write(time)
    }
  }

  init(
    _ definition: EventDefinition?, reading snapshot: inout SnapshotReader
  ) throws(SnapshotError) {
    self.definition = definition
    for _ in 0..<(try snapshot.count(max: .max)) {
      counts.append(try snapshot.int32())
      times.append(try snapshot.uint64())
    }
  }
}

extension Attribute {
  /// Whether its values are numbers.
  var isAmount: Bool { if case .amount = kind { true } else { false } }
}
