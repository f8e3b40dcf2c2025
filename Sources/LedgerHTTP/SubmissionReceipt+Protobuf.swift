import LedgerModel
import LedgerService
import LedgerWire

extension SubmissionReceipt {
  /// The protobuf form (proto/specie/v1/api.proto).
  ///
  /// Written by hand, because answers of a thousand instructions are on the hot path; held against
  /// the generated code by LedgerHTTPTests.
  var protobuf: [UInt8] {
    var message = ProtobufAnswer()
    message.bytes.reserveCapacity(32 + 40 * instructions.count)
    message.field(1, sequence.value)
    message.field(2, time.microseconds)
    for instruction in instructions { message.message(3, instruction.append) }
    return message.bytes
  }
}

extension InstructionReceipt {
  fileprivate func append(to message: inout ProtobufAnswer) {
    message.field(1, id.value.bytes)
    message.field(2, sequence.value)
    message.field(3, firstSequence.value)
    guard case .rejected(let code, let rule) = outcome else {
      message.message(16) { _ in }
      return
    }
    message.field(4, Array(words(for: code).utf8))
    if let breach {
      message.message(5) {
        $0.field(1, breach.account.value.bytes)
        $0.field(2, breach.limit)
        $0.field(3, UInt64(truncatingIfNeeded: breach.used >> 64))
        $0.field(4, UInt64(truncatingIfNeeded: breach.used))
        $0.field(5, breach.asked)
        $0.field(6, breach.resets?.microseconds ?? 0)
      }
    }
    message.message(17) {
      $0.field(1, Array(code.rawValue.utf8))
      $0.field(2, Array((rule?.text ?? "").utf8))
    }
  }
}

/// Appends protobuf fields to a buffer; those that are zero or empty are left out.
private struct ProtobufAnswer {
  var bytes: [UInt8] = []

  mutating func field(_ number: UInt64, _ value: UInt64) {
    guard value != 0 else { return }
    varint(number << 3)
    varint(value)
  }

  mutating func field(_ number: UInt64, _ value: [UInt8]) {
    guard !value.isEmpty else { return }
    varint(number << 3 | 2)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A message field, present even where it is empty.
  mutating func message(_ number: UInt64, _ body: (inout ProtobufAnswer) -> Void) {
    varint(number << 3 | 2)
    // Moves a receipt's few bytes, once the length before them is known.
    let start = bytes.count
    body(&self)
    var length = ProtobufAnswer()
    length.varint(UInt64(bytes.count - start))
    bytes.insert(contentsOf: length.bytes, at: start)
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: value))
  }
}
