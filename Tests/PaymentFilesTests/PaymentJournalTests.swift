import LedgerModel
import LedgerTesting
import MerkleLog
import PaymentFiles
import Testing

/// Goal: a journal is believed only where it is of these payments, and whole.
///
/// Method: what a run writes is read back; then by one change at a time.
@Suite struct PaymentJournalTests {
  private static func written() async throws -> [String] {
    let world = PaymentWorld(seed: 9)
    _ = try await world.run(try PaymentRunTests.file())
    let bytes = world.with { $0.durable ?? [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func read(_ lines: [String]) throws(PaymentJournalFault) -> PaymentJournal {
    let file: PaymentFile
    do { file = try PaymentRunTests.file() } catch { preconditionFailure("\(error)") }
    let text = lines.map { $0 + "\n" }.joined()
    return try PaymentJournal(
      Array(text.utf8), of: file, on: PaymentWorld.ledger, of: PaymentWorld.party)
  }

  /// Its bytes, line by line, as docs/formats/payment-journal.md has them.
  @Test func isOfTheFormat() async throws {
    let lines = try await Self.written()
    #expect(lines.count == 1 + 5 + 5)
    let file = try PaymentRunTests.file()
    let digest = Hexadecimal.encode(file.digest.bytes)
    #expect(
      lines[0] == """
        {"channel":"","currency":"CNY","file_sha256":"\(digest)","format":"specie-payments-v1",\
        "ledger":"\(PaymentWorld.ledger)","party":"bank-a"}
        """)
    #expect(lines[1].contains("\"row\":1") && lines[5].contains("\"row\":5"))
    #expect(lines[6].contains("\"outcome\":\"accepted\",\"proven\":true,\"sequence\":1"))
    #expect(
      lines[8].contains("\"code\":\"limit_exceeded\"") && lines[8].contains("\"pack\":\"alpha\""))
    #expect(try Self.read(lines).payments.map(\.outcome).filter { $0 == "open" }.isEmpty)
  }

  /// As another program writes JSON: with spaces, other orders, and escapes.
  @Test func isReadHoweverItsJSONIsWritten() async throws {
    var lines = try await Self.written()
    let whole = try Self.read(lines)
    lines[0] = lines[0].replacing("\":\"", with: "\": \"").replacing(",", with: ", ")
    lines[8] = lines[8].replacing("too", with: "\\u0074oo")
    #expect(try Self.read(lines).payments == whole.payments)
  }

  @Test func isRefusedForOtherPayments() async throws {
    let lines = try await Self.written()
    for (member, old, new) in [
      ("format", "specie-payments-v1", "specie-payments-v2"), ("party", "bank-a", "bank-b"),
      ("currency", "CNY", "EUR"), ("channel", "channel\":\"", "channel\":\"x"),
      ("ledger", "ledger\":\"4", "ledger\":\"5"),
    ] {
      let changed = [lines[0].replacing(old, with: new)] + lines.dropFirst()
      #expect(changed[0] != lines[0], "\(member)")
      do {
        _ = try Self.read(changed)
        Issue.record("\(member) is not looked at")
      } catch {
        guard case .otherPayments(member, _, _) = error else {
          Issue.record("\(member): \(error)")
          continue
        }
      }
    }
  }

  @Test func isRefusedWhereItIsDamaged() async throws {
    let lines = try await Self.written()
    let others = try PaymentRunTests.file([("9.99", "other")])
    let foreign = PaymentJournal(
      beginning: others, on: PaymentWorld.ledger, of: PaymentWorld.party
    ) { InstructionID(milliseconds: 1, random: (1, 2)) }
    let foreignLine = String(decoding: foreign.encoded, as: UTF8.self).split(separator: "\n")[1]
    let (head, orders, first) = (lines[0], Array(lines[1...5]), lines[1])
    let behind = Array(orders.dropFirst())
    var damages: [(name: String, lines: [String], problem: String?)] = []
    damages.append(("empty", [], nil))
    damages.append(("no head", orders, nil))
    damages.append(("an order twice", [head] + orders + [first], "its id was issued before"))
    let noJSON = "it is no JSON object of the right members"
    damages.append(("no JSON", [head] + orders + ["{"], noJSON))
    damages.append(("an empty line", [head] + orders + [""], noJSON))
    damages.append(
      ("a decision first", [head, lines[6]] + orders, "it decides an id of no order"))
    damages.append(
      (
        "another row", [head, first.replacing("\"row\":1", with: "\"row\":6")] + behind,
        "it is of no row of the file"
      ))
    damages.append(
      ("another's order", [head, String(foreignLine)] + behind, "its order is not that of row 1"))
    damages.append(
      (
        "another id", [head, first.replacing("\"id\":\"0", with: "\"id\":\"1")] + behind,
        "its order has another id than it says"
      ))
    #expect(throws: PaymentJournalFault.rowMissing(1)) { try Self.read([head] + behind) }
    for (name, changed, problem) in damages {
      do {
        _ = try Self.read(changed)
        Issue.record("\(name) is read")
      } catch {
        guard let problem else { continue }
        guard case .line(_, problem) = error else {
          Issue.record("\(name): \(error)")
          continue
        }
      }
    }
  }

  @Test func isCutWhereItWasTorn() {
    for (text, count) in [("", 0), ("{}", 0), ("{}\n", 3), ("{}\n{\"ro", 3)] {
      #expect(PaymentJournal.wholeBytes(of: Array(text.utf8)) == count)
    }
  }

  @Test func resultsSayWhatBecameOfEach() async throws {
    let world = PaymentWorld(seed: 9)
    let journal = try await world.run(try PaymentRunTests.file())
    let lines = journal.results.split(separator: "\n")
    #expect(
      lines[0]
        == "payer,payee,amount,reference,purpose,id,outcome,code,rule,pack,message,sequence,proven")
    #expect(lines.count == 6)
    #expect(
      lines[3].hasSuffix("rejected,limit_exceeded,day,alpha,\"too \"\"much\"\", sorry\",3,yes"))
    #expect(lines[1].hasSuffix("\(journal.payments[0].order.id),accepted,,,,,1,yes"))
  }
}
