import Foundation
import LedgerModel
import LedgerStorage
import LedgerStorageSQLite
import Testing

/// What every store of webhooks must do.
@Suite struct WebhookStoreTests {
  enum Kind: CaseIterable {
    case memory
    case sqlite
  }

  /// A store that can be closed and opened again.
  private final class Opened {
    private let memory = MemoryWebhookStore()
    private let directory: LedgerDirectory?
    private let scratch: Scratch
    private(set) var store: any WebhookStore

    init(_ kind: Kind) throws {
      scratch = try Scratch()
      directory = kind == .sqlite ? try LedgerDirectory.create(at: scratch["ledger"]) : nil
      store = try directory?.openWebhooks() ?? memory
    }

    func reopen() throws {
      try store.close()
      #expect(throws: StoreError.closed) { try store.webhooks() }
      memory.reopen()
      store = try directory?.openWebhooks() ?? memory
    }

    deinit {
      try? store.close()
      try? directory?.close()
    }
  }

  private static let owners: [Reader?] = [
    nil, .issuer, .auditor, .participant(ParticipantID(unchecked: "bank-1")),
  ]

  /// Goal: after any changes, and a restart, what is read is what was kept.
  ///
  /// Method: random changes against dictionaries.
  @Test(arguments: Kind.allCases, UInt64(0)..<4)
  func keepsWhatItIsGiven(kind: Kind, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let opened = try Opened(kind)
    var webhooks: [WebhookID: KeptWebhook] = [:]
    var letters: [WebhookID: [SequenceNumber: DeadLetter]] = [:]
    for step in 0..<200 {
      let id = WebhookID(
        owner: Self.owners[Int.random(in: 0..<4, using: &random)],
        name: "hook-\(Int.random(in: 0..<3, using: &random))")
      let sequence = SequenceNumber(UInt64.random(in: 1..<30, using: &random))
      let store = opened.store
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1:
        let webhook = KeptWebhook(
          id: id, url: "https://bank.example/\(step)",
          account: step.isMultiple(of: 2) ? AccountID(Bytes16(high: 1, low: UInt64(step))) : nil,
          kinds: step.isMultiple(of: 3) ? ["pay", "settle"] : nil, next: sequence)
        try store.keep(webhook)
        webhooks[id] = webhook
      case 2 where step.isMultiple(of: 3):
        try store.remove(id)
        webhooks[id] = nil
        letters[id] = nil
      case 2, 3, 4:
        let letter = DeadLetter(
          sequence: sequence, attempts: step, time: LedgerTime(microseconds: UInt64(step)),
          answer: "status 400 \"é\"", isDue: step.isMultiple(of: 5))
        let next = step.isMultiple(of: 2) ? sequence.next : nil
        guard webhooks[id] != nil else {
          #expect(throws: StoreError.invalid(detail: "a letter of no webhook")) {
            try store.keep(letter, of: id, movingTo: next)
          }
          continue
        }
        try store.keep(letter, of: id, movingTo: next)
        letters[id, default: [:]][sequence] = letter
        if let next { webhooks[id]?.next = next }
      case 5:
        try store.makeDeadLettersDue(of: id, from: sequence)
        for letter in (letters[id] ?? [:]).values where letter.sequence >= sequence {
          letters[id]?[letter.sequence]?.isDue = true
        }
      case 6:
        try store.removeDeadLetters(of: id, at: step.isMultiple(of: 4) ? nil : sequence)
        letters[id] = step.isMultiple(of: 4) ? nil : letters[id]?.filter { $0.key != sequence }
      default: try opened.reopen()
      }
      let expected = webhooks.values.sorted { $0.id < $1.id }
      #expect(try opened.store.webhooks() == expected, "step \(step)")
      let own = (letters[id] ?? [:]).values.sorted { $0.sequence < $1.sequence }
      #expect(
        try opened.store.deadLetters(of: id, from: .genesis, countMax: 100) == own,
        "step \(step)")
      #expect(
        try opened.store.deadLetters(of: id, from: sequence, countMax: 3)
          == Array(own.filter { $0.sequence >= sequence }.prefix(3)))
      #expect(try opened.store.deadLetterCount(of: id) == own.count)
      #expect(try opened.store.dueDeadLetter(of: id) == own.first(where: \.isDue))
    }
  }

  /// Goal: a file that is damaged, or another's, is refused and stays as it is.
  @Test func refusesWhatIsNoStore() throws {
    let scratch = try Scratch()
    let directory = try LedgerDirectory.create(at: scratch["ledger"])
    let file = directory.path + "/webhooks.sqlite"
    let index = try Scratch.bytes(of: directory.path + "/index.sqlite")
    for bytes in [[], Array("no database, but long enough to be one".utf8), index] {
      try Scratch.write(bytes, to: file)
      #expect(throws: StoreError.self) { try directory.openWebhooks() }
      #expect(try Scratch.bytes(of: file) == bytes)
    }
    try FileManager.default.removeItem(atPath: file)
    try directory.openWebhooks().close()
    // Nothing but the one file is left of it.
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(names.filter { $0.hasPrefix("webhooks") } == ["webhooks.sqlite"])
    try directory.close()
  }
}
