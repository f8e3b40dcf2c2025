package import LedgerModel
package import MerkleLog

extension LogEntry {
  /// The one encoding, which is hashed.
  public var canonicalBytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.entry(self)
    return writer.bytes
  }
}

extension ProtobufWriter {
  /// A whole entry, as ``LogEntry/canonicalBytes`` has it.
  package mutating func entry(_ entry: LogEntry) {
    head(sequence: entry.sequence, time: entry.time, previous: entry.previous)
    switch entry.body {
    case .genesis(let bytes, let signatures):
      message(16) { $0.signed(bytes, signatures) }
    case .submission(let statement, let signatures):
      message(17) { $0.signed(statement, signatures) }
    case .instruction(let bytes, let outcome): instruction(bytes[...], outcome)
    case .system(.tick): message(19) { $0.message(16) { _ in } }
    case .system(.commitment(let commitment)):
      message(19) { $0.message(17) { $0.commitment(commitment) } }
    }
  }

  private mutating func commitment(_ commitment: StateCommitment) {
    field(1, commitment.totals.close?.microseconds ?? 0)
    for totals in commitment.totals.currencies {
      message(2) {
        $0.field(1, totals.currency.description)
        $0.field(2, high: totals.issued)
        $0.field(4, high: totals.redeemed)
        $0.field(6, UInt64(totals.outstanding))
      }
    }
    field(3, commitment.root)
  }

  /// A 128-bit sum as two fields, of its high and low words.
  private mutating func field(_ number: Int, high sum: Int128) {
    field(number, UInt64(truncatingIfNeeded: sum >> 64))
    field(number + 1, UInt64(truncatingIfNeeded: sum))
  }

  /// The same for an instruction, from its parts.
  package mutating func instructionEntry(
    sequence: SequenceNumber, time: LedgerTime, previous: Digest, instruction: ArraySlice<UInt8>,
    outcome: LoggedOutcome
  ) {
    head(sequence: sequence, time: time, previous: previous)
    self.instruction(instruction, outcome)
  }

  fileprivate mutating func head(sequence: SequenceNumber, time: LedgerTime, previous: Digest) {
    field(1, sequence.value)
    field(2, time.microseconds)
    field(3, Bytes32(previous))
  }

  fileprivate mutating func instruction(_ bytes: ArraySlice<UInt8>, _ outcome: LoggedOutcome) {
    message(18) { body in
      body.field(1, bytes)
      switch outcome {
      case .accepted: body.message(16) { _ in }
      case .remarked(let remarks):
        body.message(16) { accepted in
          for remark in remarks { accepted.remark(remark) }
        }
      case .rejected(let code, let rule, let pack):
        body.message(17) { $0.rejected(code, rule, pack) }
      case .duplicate(let first): body.message(18) { $0.field(1, first.value) }
      }
    }
  }

  /// What `Rejected` says.
  package mutating func rejected(_ code: RejectionCode, _ rule: RuleID?, _ pack: PackName?) {
    field(1, code.rawValue)
    field(2, rule?.text ?? "")
    field(3, pack?.text ?? "")
  }

  /// One remark, which is field 1 of what accepts.
  package mutating func remark(_ remark: Remark) {
    message(1) {
      $0.field(1, UInt64(remark.kind.rawValue))
      $0.field(2, remark.pack.text)
      $0.field(3, remark.rule?.text ?? "")
    }
  }

  fileprivate mutating func signed(_ bytes: [UInt8], _ signatures: [StatementSignature]) {
    field(1, bytes)
    for signature in signatures {
      message(2) {
        $0.field(1, signature.key.value)
        $0.field(2, signature.signature)
      }
    }
  }
}
