import LedgerCore
import LedgerModel
import LedgerTesting
import Testing

/// Orders that name the document that they were made from.
@Suite struct DocumentTests {
  private static let document = DocumentDigest(Bytes32(words: (1, 2, 3, 4)))

  /// Goal: a document decides nothing; ledgers of earlier versions refuse it, and the id is free.
  @Test(arguments: [StateMachineVersion.one, .two, .three, .four])
  func needVersionFour(version: StateMachineVersion) {
    var ledger = ExampleLedger.opened(.example(version: version))
    ledger.wait()
    let id = ledger.freshID(at: ledger.state.time)
    let order = Operation.pay(110, 210, 5)
    let outcomes = ledger.order(
      [
        Instruction(id: id, operation: order, document: Self.document),
        Instruction(id: id, operation: order),
      ], by: .bank(1))
    if version >= .four {
      let first = ledger.state.nextSequence.value - 2
      #expect(outcomes == [.accepted, .rejected(.idReused(first: SequenceNumber(first)))])
    } else {
      #expect(
        outcomes == [.rejected(.notInVersion(operation: "pay", needs: .four)), .accepted])
    }
    #expect(ledger.balance(210) == 5)
  }
}
