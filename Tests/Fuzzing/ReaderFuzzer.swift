import Glibc
import LedgerModel
import LedgerWire
import MerkleLog

/// Runs libFuzzer, which makes up bytes: the readers written by hand must take what the general way
/// takes, read the same, and never trap.
///
/// Built and run by `scripts/fuzz`.
@main
struct ReaderFuzzer {
  static func main() {
    var count = CommandLine.argc
    // Safe: the arguments live as long as the process.
    var arguments = unsafe CommandLine.unsafeArgv
    exit(
      unsafe runFuzzer(&count, &arguments) { bytes, count in
        // Safe: libFuzzer lends `count` bytes for the call, and they are copied.
        ReaderFuzzer.run(unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      })
  }

  /// Has one reader read one message.
  ///
  /// The first byte says which reader. If its highest bit is set, the rest are edits of a message
  /// that is well formed, since few bytes made up at random come past a reader's first field; else
  /// they are the message.
  private static func run(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let reader = Reader.allCases[Int(first & 0x7F) % Reader.allCases.count]
    let rest = input.dropFirst()
    let message = first & 0x80 == 0 ? Array(rest) : edited(Samples.of(reader), by: rest)
    guard !message.isEmpty else { return }
    guard let difference = reader.difference(on: message) else { return }
    fatalError("\(reader) of \(message): \(difference)")
  }
}

/// LibFuzzer's own main function, for programs that have one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Changes, removes or adds a byte for every three bytes of `edits`: where, how, and which.
private func edited(_ message: [UInt8], by edits: ArraySlice<UInt8>) -> [UInt8] {
  var message = message
  var rest = edits
  while rest.count >= 3, !message.isEmpty {
    let place = Int(rest.removeFirst()) * message.count / 256
    let way = rest.removeFirst()
    let byte = rest.removeFirst()
    switch way % 4 {
    case 0: message[place] = byte
    case 1: message[place] ^= 1 << (byte % 8)
    case 2: message.remove(at: place)
    default: message.insert(byte, at: place)
    }
  }
  return message
}

private enum Reader: CaseIterable {
  case submission, statement, instruction, entryOfSubmission, entryOfInstruction

  /// What the reader by hand, where it takes the bytes, reads otherwise than swift-protobuf; `nil`
  /// where both come to the same.
  func difference(on bytes: [UInt8]) -> String? {
    switch self {
    case .submission:
      compare({ () throws(WireError) in try Submission(protobuf: bytes) }) {
        () throws(WireError) in try Submission(generalBytes: bytes)
      }
    case .statement:
      compare({ () throws(WireError) in try Statement(canonicalBytes: bytes) }) {
        () throws(WireError) in try Statement(generalBytes: bytes)
      }
    case .instruction:
      compare({ () throws(WireError) in try Instruction(canonicalBytes: bytes) }) {
        () throws(WireError) in try Instruction(generalBytes: bytes)
      }
    case .entryOfSubmission, .entryOfInstruction:
      compare({ () throws(WireError) in try LogEntry(canonicalBytes: bytes) }) {
        () throws(WireError) in try LogEntry(generalBytes: bytes)
      }
    }
  }

  private func compare<Value: Equatable>(
    _ plain: () throws(WireError) -> Value, _ general: () throws(WireError) -> Value
  ) -> String? {
    let (plain, general) = (outcome(plain), outcome(general))
    // Sizes are looked at before either.
    if case .failure(.tooLarge) = plain { return nil }
    return plain == general ? nil : "\(plain), and in general \(general)"
  }

  private func outcome<Value>(_ read: () throws(WireError) -> Value) -> Result<Value, WireError> {
    do throws(WireError) { return .success(try read()) } catch { return .failure(error) }
  }
}

/// One well-formed message a reader.
private enum Samples {
  private static let bytes32 = Bytes32(words: (1, 2 << 40, 3, .max))

  static func of(_ reader: Reader) -> [UInt8] {
    switch reader {
    case .submission: submission.protobuf
    case .statement: submission.statementBytes
    case .instruction: instruction.canonicalBytes
    case .entryOfSubmission:
      entry(
        .submission(
          statement: submission.statementBytes,
          signatures: [
            StatementSignature(
              key: PublicKey(bytes32), signature: [UInt8](repeating: 7, count: 64))
          ]))
    case .entryOfInstruction:
      entry(
        .instruction(
          bytes: instruction.canonicalBytes,
          outcome: .rejected(code: .limitExceeded, rule: RuleID(unchecked: "class-4.day"))))
    }
  }

  private static let instruction = Instruction(
    id: InstructionID(milliseconds: 1_772_337_600_000, random: (3, 4)),
    operation: .pay(
      Transfer(
        payer: AccountID(Bytes16(high: 1, low: 2)), payee: AccountID(Bytes16(high: 3, low: .max)),
        amount: 12_345, currency: CurrencyCode(letters: (67, 78, 89)) ?? .example)),
    purpose: Purpose(unchecked: "RETL"), channel: Channel(unchecked: "app"),
    reference: ClientReference(unchecked: "order 17"))

  private static let submission = Submission(
    [instruction, instruction], of: .issuer, on: LedgerID(bytes32),
    expiry: LedgerTime(microseconds: 1_772_337_600_000_000),
    signedBy: [SigningKey(seed: [UInt8](repeating: 1, count: 32))])

  private static func entry(_ body: LogEntry.Body) -> [UInt8] {
    LogEntry(
      sequence: SequenceNumber(70_000), time: LedgerTime(microseconds: 1_772_337_600_000_000),
      previous: bytes32.digest, body: body
    ).canonicalBytes
  }
}

extension CurrencyCode {
  fileprivate static var example: CurrencyCode {
    preconditionFailure("`CNY` is a currency code")
  }
}
