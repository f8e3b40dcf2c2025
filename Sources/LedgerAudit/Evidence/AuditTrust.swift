package import LedgerModel
package import LedgerWire
package import MerkleLog

/// What an auditor pins: whose checkpoints he believes, and of which ledger.
package struct AuditTrust: Sendable {
  /// `nil` where only the log is pinned: its entry 0 then says which ledger it is.
  package let ledger: LedgerID?
  package let policy: TrustPolicy
  /// `nil` where it was a policy.
  package let file: TrustFile?

  /// The ledger and the log key of a trust file; no witness needs to have cosigned.
  package init(_ file: TrustFile) {
    self.file = file
    ledger = file.ledger
    policy = TrustPolicy(log: file.logKey)
  }

  /// The logs and witnesses of a policy.
  package init(_ policy: TrustPolicy) {
    file = nil
    ledger = nil
    self.policy = policy
  }

  /// Reads a trust file, or a C2SP policy.
  ///
  /// - Throws: ``EvidenceFault``, with the file's own error in words.
  package init(text: [UInt8]) throws(EvidenceFault) {
    let lines = text.split(separator: UInt8(ascii: "\n"))
    do {
      if lines.contains(where: { $0.starts(with: "ledger".utf8) }) {
        self.init(try TrustFile(text: String(decoding: text, as: UTF8.self)))
      } else {
        self.init(try TrustPolicy(text))
      }
    } catch {
      throw EvidenceFault(.form, "it is no trust file and no policy: \(error)")
    }
  }

  /// Opens a checkpoint that may be believed.
  ///
  /// - Throws: ``EvidenceFault``.
  package func open(_ note: [UInt8]) throws(EvidenceFault) -> VerifiedCheckpoint {
    try Self.open(note, by: policy)
  }

  /// Opens two checkpoints that one key of a log has signed, whoever has cosigned them.
  ///
  /// - Throws: ``EvidenceFault``.
  func openOfOneLog(
    _ one: [UInt8], _ other: [UInt8]
  ) throws(EvidenceFault) -> (VerifiedCheckpoint, VerifiedCheckpoint) {
    var fault = EvidenceFault(.checkpoint, "the policy names no log")
    for log in policy.logs {
      let policy = TrustPolicy(log: log.key)
      do throws(EvidenceFault) {
        return (try Self.open(one, by: policy), try Self.open(other, by: policy))
      } catch {
        fault = error
      }
    }
    throw fault
  }

  private static func open(
    _ note: [UInt8], by policy: TrustPolicy
  ) throws(EvidenceFault) -> VerifiedCheckpoint {
    let parsed: Note
    do {
      parsed = try Note(note)
    } catch {
      throw EvidenceFault(.checkpoint, "the checkpoint is no signed note: \(error)")
    }
    do {
      return try policy.open(parsed) { Ed25519.isValid($2, on: $1, publicKey: $0) }
    } catch {
      throw EvidenceFault(.checkpoint, "the checkpoint is not to be believed: \(error)")
    }
  }
}
