import LedgerTesting

/// A field of a protobuf message, by its encoding alone, so that one can be altered with all
/// lengths around it put right.
struct WireField: Hashable {
  let number: UInt64
  let wireType: UInt8
  /// A varint's bytes, or what a length is followed by.
  var payload: [UInt8]
  /// Where the payload is a message by its form.
  var fields: [WireField]?

  /// Reads a message; `nil` where the bytes are not exactly one.
  static func parse(_ bytes: some Collection<UInt8>) -> [WireField]? {
    let bytes = Array(bytes)
    var fields: [WireField] = []
    var offset = 0
    while offset < bytes.count {
      guard let tag = varint(bytes, &offset), tag >> 3 > 0 else { return nil }
      switch tag & 7 {
      case 0:
        let start = offset
        guard varint(bytes, &offset) != nil else { return nil }
        fields.append(
          WireField(number: tag >> 3, wireType: 0, payload: Array(bytes[start..<offset])))
      case 2:
        guard let length = varint(bytes, &offset), length <= UInt64(bytes.count - offset) else {
          return nil
        }
        let payload = Array(bytes[offset..<offset + Int(length)])
        offset += Int(length)
        var field = WireField(number: tag >> 3, wireType: 2, payload: payload)
        if let inner = parse(payload), !inner.isEmpty, encode(inner) == payload {
          field.fields = inner
        }
        fields.append(field)
      default: return nil
      }
    }
    return fields
  }

  static func encode(_ fields: [WireField]) -> [UInt8] { fields.flatMap(\.encoded) }

  var encoded: [UInt8] {
    let payload = fields.map { Self.encode($0) } ?? payload
    var bytes = Self.varint(number << 3 | UInt64(wireType))
    if wireType == 2 { bytes += Self.varint(UInt64(payload.count)) }
    return bytes + payload
  }

  /// How many fields there are, those within others included.
  static func count(_ fields: [WireField]) -> Int {
    fields.reduce(0) { $0 + 1 + count($1.fields ?? []) }
  }

  /// Changes the field of a number, in the order in which they begin: into none, one or several.
  static func change(
    _ fields: inout [WireField], at place: inout Int, _ body: (WireField) -> [WireField]
  ) {
    for index in fields.indices {
      if place == 0 {
        place = -1
        fields.replaceSubrange(index...index, with: body(fields[index]))
        return
      }
      place -= 1
      if var inner = fields[index].fields {
        change(&inner, at: &place, body)
        fields[index].fields = inner
        if place < 0 { return }
      }
    }
  }

  private static func varint(_ bytes: [UInt8], _ offset: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (value, bytes): (UInt64, [UInt8]) = (value, [])
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }
}

extension SplitMix64 {
  /// Alters bytes in one place: turned, cut, repeated or exchanged; never the same again.
  mutating func altered(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &self)] }
    while true {
      var altered = bytes
      let place = Int.random(in: 0..<bytes.count, using: &self)
      let end = min(bytes.count, place + Int.random(in: 1...8, using: &self))
      switch Int.random(in: 0..<8, using: &self) {
      case 0: altered.removeSubrange(place..<end)
      case 1: altered.insert(contentsOf: bytes[place..<end], at: place)
      case 2: altered.replaceSubrange(place..<end, with: bytes[place..<end].reversed())
      case 3: altered.removeLast(bytes.count - place)
      case 4: altered[place] = UInt8.random(in: 0...255, using: &self)
      default: altered[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      }
      if altered != bytes { return altered }
    }
  }

  /// Alters one field of an entry, wherever it lies, and puts the lengths around it right.
  mutating func alteredField(_ entry: [UInt8]) -> [UInt8] {
    guard let fields = WireField.parse(entry) else { return altered(entry) }
    while true {
      var changed = fields
      var place = Int.random(in: 0..<WireField.count(fields), using: &self)
      let choice = Int.random(in: 0..<6, using: &self)
      var random = self
      WireField.change(&changed, at: &place) { field in
        switch choice {
        case 0: return []
        case 1: return [field, field]
        default:
          var one = field
          one.payload = random.altered(field.fields.map { WireField.encode($0) } ?? field.payload)
          one.fields = nil
          return [one]
        }
      }
      self = random
      let bytes = WireField.encode(changed)
      if bytes != entry, bytes.count <= 60_000, !bytes.isEmpty { return bytes }
    }
  }
}
