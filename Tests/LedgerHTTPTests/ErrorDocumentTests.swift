import FoundationEssentials
import LedgerHTTP
import LedgerModel
import LedgerService
import LedgerTesting
import LedgerWire
import Testing

/// Goal: docs/errors.md has every code that an answer may have, and none besides.
///
/// Method: the codes are those of closed enums. Where an error carries values, a twin of it without
/// them lists its cases: its `init` does not compile when the error gains one.
@Suite struct ErrorDocumentTests {
  @Test func nameEveryProblem() throws {
    let codes =
      RequestCode.allCases.map(\.rawValue) + ReadTwin.allCases.map(\.error.code)
      + SubmitTwin.allCases.map(\.error.code) + WireTwin.allCases.map(\.error.code)
      + RefusalTwin.allCases.map(\.error.code)
    let rows = try Self.rows().filter { Int($0[0]) != nil }.map { $0[1] }
    #expect(Set(rows) == Set(codes))
    #expect(rows.count == Set(rows).count, "a code is listed twice")
  }

  @Test func nameEveryRefusal() throws {
    let rows = try Self.rows().filter { Int($0[0]) == nil }.map { $0[0] }
    #expect(Set(rows) == Set(RejectionCode.allCases.map(\.rawValue)))
    #expect(rows.count == RejectionCode.allCases.count)
  }

  /// Each sample is of the case that lists it.
  @Test func twinsAreComplete() {
    for twin in ReadTwin.allCases { #expect(ReadTwin(twin.error) == twin) }
    for twin in SubmitTwin.allCases { #expect(SubmitTwin(twin.error) == twin) }
    for twin in WireTwin.allCases { #expect(WireTwin(twin.error) == twin) }
    for twin in RefusalTwin.allCases { #expect(RefusalTwin(twin.error) == twin) }
  }

  /// The first two cells of each row whose cells are a code, or a status and a code.
  private static func rows() throws -> [[String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").prefix(2).map {
        $0.filter { $0 != " " && $0 != "`" }
      }
      guard line.hasPrefix("| "), line.contains("`"), cells.count == 2 else { return nil }
      return cells
    }
  }
}

private enum ReadTwin: CaseIterable {
  case notFound, notYetCovered, ambiguous, anotherParty, partyNeeded, readerNeeded, outOfRange,
    notYetPast, busy, followersFull, notAnEntry, storage

  init(_ error: ReadError) {
    self =
      switch error {
      case .notFound: .notFound
      case .notYetCovered: .notYetCovered
      case .ambiguous: .ambiguous
      case .anotherParty: .anotherParty
      case .partyNeeded: .partyNeeded
      case .readerNeeded: .readerNeeded
      case .outOfRange: .outOfRange
      case .notYetPast: .notYetPast
      case .busy: .busy
      case .followersFull: .followersFull
      case .notAnEntry: .notAnEntry
      case .storage: .storage
      }
  }

  var error: ReadError {
    switch self {
    case .notFound: .notFound
    case .notYetCovered: .notYetCovered(size: 1)
    case .ambiguous: .ambiguous(parties: [])
    case .anotherParty: .anotherParty(.issuer)
    case .partyNeeded: .partyNeeded([])
    case .readerNeeded: .readerNeeded
    case .outOfRange: .outOfRange(name: "limit", max: 1)
    case .notYetPast: .notYetPast(time: .example)
    case .busy: .busy
    case .followersFull: .followersFull(max: 1)
    case .notAnEntry: .notAnEntry(of: .example(1), at: .genesis)
    case .storage: .storage(detail: "")
    }
  }
}

private enum SubmitTwin: CaseIterable {
  case invalid, otherIdempotencyKey, notForDryRuns, overloaded, clockUnsafe, storageFull,
    signingStopped
  case stopping, outcomeUnreadable

  init(_ error: SubmitError) {
    self =
      switch error {
      case .invalid: .invalid
      case .otherIdempotencyKey: .otherIdempotencyKey
      case .notForDryRuns: .notForDryRuns
      case .overloaded: .overloaded
      case .clockUnsafe: .clockUnsafe
      case .storageFull: .storageFull
      case .signingStopped: .signingStopped
      case .stopping: .stopping
      case .outcomeUnreadable: .outcomeUnreadable
      }
  }

  var error: SubmitError {
    switch self {
    case .invalid: .invalid(.empty("signature"))
    case .otherIdempotencyKey:
      .otherIdempotencyKey(InstructionID(milliseconds: 1, random: (2, 3)))
    case .notForDryRuns: .notForDryRuns
    case .overloaded: .overloaded(queue: "", max: 1, retryAfterSeconds: 1)
    case .clockUnsafe: .clockUnsafe(reason: "")
    case .storageFull: .storageFull(retryAfterSeconds: 1)
    case .signingStopped: .signingStopped(reason: "")
    case .stopping: .stopping
    case .outcomeUnreadable: .outcomeUnreadable(detail: "")
    }
  }
}

private enum WireTwin: CaseIterable {
  case malformed, nonCanonical, invalidField, empty, tooLarge, wrongPayloadType, countMismatch
  case rootMismatch, badSignature, duplicateSigner, unknownSigner, refused

  init(_ error: WireError) {
    self =
      switch error {
      case .malformed: .malformed
      case .nonCanonical: .nonCanonical
      case .invalidField: .invalidField
      case .empty: .empty
      case .tooLarge: .tooLarge
      case .wrongPayloadType: .wrongPayloadType
      case .countMismatch: .countMismatch
      case .rootMismatch: .rootMismatch
      case .badSignature: .badSignature
      case .duplicateSigner: .duplicateSigner
      case .unknownSigner: .unknownSigner
      case .refused: .refused
      }
  }

  var error: WireError {
    switch self {
    case .malformed: .malformed(message: "")
    case .nonCanonical: .nonCanonical(message: "")
    case .invalidField: .invalidField("", problem: "")
    case .empty: .empty("")
    case .tooLarge: .tooLarge("", count: 2, max: 1)
    case .wrongPayloadType: .wrongPayloadType(found: "", wanted: "")
    case .countMismatch: .countMismatch(stated: 1, found: 2)
    case .rootMismatch: .rootMismatch(stated: .example(1), found: .example(2))
    case .badSignature: .badSignature(index: 0)
    case .duplicateSigner: .duplicateSigner(.example(1))
    case .unknownSigner: .unknownSigner(index: 0)
    case .refused: .refused(.partyUnknown(.issuer))
    }
  }
}

private enum RefusalTwin: CaseIterable {
  case wrongLedger, statementExpired, expiryTooFar, partyUnknown, keyUnknown, keyRevoked
  case keySuspended, keyNotYetValid, keyExpired, liveIDsFull

  init(_ error: SubmissionRefusal) {
    self =
      switch error {
      case .wrongLedger: .wrongLedger
      case .statementExpired: .statementExpired
      case .expiryTooFar: .expiryTooFar
      case .partyUnknown: .partyUnknown
      case .keyUnknown: .keyUnknown
      case .keyRevoked: .keyRevoked
      case .keySuspended: .keySuspended
      case .keyNotYetValid: .keyNotYetValid
      case .keyExpired: .keyExpired
      case .liveIDsFull: .liveIDsFull
      }
  }

  var error: SubmissionRefusal {
    switch self {
    case .wrongLedger: .wrongLedger(.example)
    case .statementExpired: .statementExpired(expiry: .example)
    case .expiryTooFar: .expiryTooFar(expiry: .example, horizonMicroseconds: 1)
    case .partyUnknown: .partyUnknown(.issuer)
    case .keyUnknown: .keyUnknown(.example(1))
    case .keyRevoked: .keyRevoked(.example(1))
    case .keySuspended: .keySuspended(.example(1))
    case .keyNotYetValid: .keyNotYetValid(.example(1), from: .example)
    case .keyExpired: .keyExpired(.example(1), until: .example)
    case .liveIDsFull: .liveIDsFull(max: 1)
    }
  }
}
