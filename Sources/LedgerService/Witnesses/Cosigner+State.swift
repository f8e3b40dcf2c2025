import MerkleLog

/// What the cosigner remembers between its steps.
extension Cosigner {
  /// One checkpoint on its way to the witnesses.
  struct Round {
    let number: UInt64
    let note: Note
    let size: UInt64
    let beganNanoseconds: UInt64
    /// By witness.
    var signatures: [NoteSignature?]
    /// Whether there is more to publish than was published of it.
    var isNews: Bool
    var isPublished: Bool
  }

  /// A checkpoint that a witness was asked to cosign.
  struct Question {
    let round: UInt64
    let note: Note
    let size: UInt64
    let oldSize: UInt64
  }

  /// What a witness is to answer.
  struct Asked {
    let number: UInt64
    let atNanoseconds: UInt64
    /// `nil` where it is to show its last checkpoint.
    let question: Question?
  }

  struct Progress {
    /// The size from which the next proof starts.
    var cosignedSize: UInt64
    var asked: Asked?
    /// What it says, as text, that would end signing: it is to show the checkpoint for it.
    var claim: String?
    var claimAlarmedNanoseconds: UInt64?
    /// The round in which the witness named another old size, and was asked again.
    var rebuiltRound: UInt64?
    var failures = 0
    var dueNanoseconds: UInt64 = 0
    /// When it last cosigned; the start, before it has.
    var cosignedNanoseconds: UInt64
    var hasCosigned = false
    /// What its last cosignature says.
    var timestampSeconds: UInt64 = 0
    var problem: WitnessingStatus.Problem?
    /// The same for people, with words that the witness may have chosen.
    var detail: String?
    var alarmedNanoseconds: UInt64?
  }

  struct State {
    var round: Round?
    var roundsBegun: UInt64 = 0
    var questionsAsked: UInt64 = 0
    var witnesses: [Progress]
    var published: Published?
    var isPaused = false
    /// Storage was full when it was to be kept.
    var keepDueNanoseconds: UInt64 = 0
    var hasEnded = false
    /// What ended it, where it could not be kept yet.
    var unkeptProof: String?
  }

  /// The checkpoint that is published, with its cosignatures by witness.
  struct Published {
    let text: [UInt8]
    let size: UInt64
    let signatures: [NoteSignature?]
  }
}

extension Cosigner.Published {
  init(_ verified: VerifiedCheckpoint, keys: [VerifierKey]) {
    text = verified.note.text
    size = verified.checkpoint.size
    signatures = keys.map { key in
      guard verified.cosignatures.contains(where: { $0.key == key }) else { return nil }
      return verified.note.signatures.first { $0.name == key.name && $0.keyID == key.id }
    }
  }
}
