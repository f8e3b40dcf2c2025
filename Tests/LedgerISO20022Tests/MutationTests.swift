import LedgerISO20022
import LedgerModel
import LedgerTesting
import Testing

/// Goal: no bytes end the process; a changed message is refused, or means the same or what the
/// change says; and no fault tells of people.
///
/// Method: seeded changes of lines, texts and bytes. A line is one element, or one tag of one.
@Suite struct MutationTests {
  /// Whatever is taken out, doubled or moved: what is accepted orders what was ordered.
  @Test(arguments: UInt64(0)..<16)
  func movedLinesAreRefusedOrMeanTheSame(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let original = try InboundMessage.transfers(Samples.customer).map(\.operation)
    var accepted = 0
    for _ in 0..<60 {
      var lines = Samples.customer
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let place = Int.random(in: 0..<lines.count, using: &random)
        let line = lines[place]
        let target = Int.random(in: 0..<lines.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: lines.remove(at: place)
        case 1: lines.insert(line, at: target)
        default:
          lines.remove(at: place)
          lines.insert(line, at: min(target, lines.count))
        }
      }
      guard case .success(let message) = try InboundMessage.outcome(of: lines.xml) else { continue }
      accepted += 1
      guard case .creditTransfers(let message) = message else { continue }
      #expect(message.transfers.map(\.operation) == original, "seed \(seed): \(lines)")
    }
    #expect(accepted > 0, "seed \(seed) changes too much to tell anything")
  }

  /// Bytes changed at random: what is accepted is a whole, valid order, and reads the same twice.
  @Test(arguments: UInt64(0)..<16)
  func changedBytesAreRefusedOrAnOrder(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let samples = [Samples.customer, Samples.institutional, Samples.reportRequest()].map(\.xml)
    let alphabet = Array("<>/&;\"'=!-[]? \n\u{0}019.aZ:#x".utf8)
    for _ in 0..<60 {
      var bytes = random.one(of: samples)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(random.one(of: alphabet), at: place)
        case 2: bytes.removeSubrange(place..<min(place + 3, bytes.count))
        default: bytes[place] = random.one(of: alphabet)
        }
      }
      let outcome = try InboundMessage.outcome(of: bytes)
      #expect(outcome == (try InboundMessage.outcome(of: bytes)), "seed \(seed)")
      guard case .success(.creditTransfers(let message)) = outcome else { continue }
      for transfer in message.transfers {
        let movement = try #require(transfer.operation.movement)
        #expect(Amount(minorUnits: movement.amount) != nil, "seed \(seed)")
        #expect(transfer.payer == Samples.bankA, "seed \(seed)")
        #expect(ClientReference.rule.admits(transfer.reference.text), "seed \(seed)")
        #expect(Purpose.rule.admits(transfer.purpose.text), "seed \(seed)")
      }
    }
  }

  /// A message cut off anywhere is refused, for its end is missing.
  @Test func truncatedMessagesAreRefused() throws {
    let bytes = Samples.institutional.xml
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(try InboundMessage.fault(Array(bytes.prefix(count)))?.code == "malformed_xml")
    }
  }

  /// Names, addresses, remittance and accounts show in no fault, whatever else is wrong.
  @Test(arguments: UInt64(0)..<8)
  func faultsTellOfNobody(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var leaves: [Int] = []
    for (place, line) in Samples.customer.enumerated() where line.contains("</") {
      leaves.append(place)
    }
    let account = Samples.payer.description.replacing("-", with: "")
    for place in leaves {
      var lines = Samples.customer
      // A text of the message, or all of it, is a name; a name's element is another.
      switch Int.random(in: 0..<3, using: &random) {
      case 0: lines[place] = lines[place].replacing(/>[^<>]+</, with: ">\(Samples.secret)<")
      case 1: lines[place] = lines[place].replacing("<Nm>", with: "<Mn>")
      default: lines[place] = "<X>" + lines[place] + "</X>"
      }
      guard let fault = try InboundMessage.fault(lines.xml) else { continue }
      let shown = fault.description + (fault.path ?? "") + "\(fault)"
      #expect(!shown.contains(Samples.secret) && !shown.contains("Zzyzx"), "\(shown)")
      #expect(!shown.contains(account), "\(shown)")
    }
  }

  /// Nor in the places of identifiers and accounts, where a name without a space could be a code.
  @Test(arguments: ["M-1", "I-1", "E-1", "T-1", "000000010000000a", "bank-b"])
  func identifiersAreNotShown(text: String) throws {
    for name in ["Zzyzx", "ZzyzxZzyzxZzyzxZzyzxZzyzxZzyzxZzyzxZz"] {
      let lines = Samples.customer.replacing(text, name)
      guard let fault = try InboundMessage.fault(lines.xml) else { continue }
      #expect(!fault.description.contains("Zzyzx"), "\(fault)")
    }
  }

  /// Each element's text replaced by a name, one at a time.
  @Test func aNameInAnyPlaceIsNotShown() throws {
    for place in Samples.customer.indices {
      var lines = Samples.customer
      lines[place] = lines[place].replacing(/>[^<>]+</, with: ">\(Samples.secret)<")
      guard let refusal = try? InboundMessage.fault(lines.xml) else { continue }
      #expect(!refusal.description.contains("Zzyzx"), "\(refusal)")
    }
  }
}
