import LedgerStorage
import LedgerWire
import Logging
import MerkleLog
import Metrics
import Synchronization

/// Has the newest kept checkpoint cosigned by the witnesses, and publishes it once they are enough.
///
/// One checkpoint at a time goes to all witnesses: a *round*. A witness that is away costs nothing
/// but its cosignature; one that knows a longer or another history ends all signing.
final class Cosigner: Sendable {
  /// One checkpoint on its way to the witnesses.
  private struct Round {
    let number: UInt64
    let note: Note
    let size: UInt64
    let beganNanoseconds: UInt64
    /// By witness.
    var signatures: [NoteSignature?]
    /// Whether there is more to publish than was published of it.
    var isNews: Bool
    var isPublished = false
  }

  /// What was asked of a witness.
  private struct Question {
    let round: UInt64
    let note: Note
    let size: UInt64
    let oldSize: UInt64
  }

  private struct Progress {
    /// The size from which the next proof starts.
    var cosignedSize: UInt64
    var question: Question?
    /// The round in which the witness named another old size, and was asked again.
    var rebuiltRound: UInt64?
    var failures = 0
    var dueNanoseconds: UInt64 = 0
    /// When it last cosigned.
    var cosignedNanoseconds: UInt64
    var problem: String?
    var alarmedNanoseconds: UInt64?
  }

  private struct State {
    var round: Round?
    var roundsBegun: UInt64 = 0
    var witnesses: [Progress]
    var publishedSize: UInt64
    /// Storage was full when it was to be kept.
    var keepDueNanoseconds: UInt64 = 0
    var hasEnded = false
  }

  private typealias Answer = Result<Witnessing.Reply, Witnessing.Silence>

  private let witnessing: Witnessing
  private let view: DurableView
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let logger: Logger
  private let wake: @Sendable () -> Void
  private let fail: @Sendable (String) -> Void
  private let state: Mutex<State>
  private let inbox = Mutex<[(witness: Int, answer: Answer)]>([])
  private let ages: [Gauge]
  private let failureCounts: [Counter]

  private var policy: TrustPolicy { witnessing.policy }

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - witnessing: The witnesses.
  ///   - known: What the opening found out about them.
  ///   - view: Has the checkpoints, and shows what is published.
  ///   - flow: Closed where a witness knows another history.
  ///   - clock: Of the service.
  ///   - limits: Of the service.
  ///   - logger: Raises alarms.
  ///   - wake: Wakes this stage.
  ///   - fail: Ends the process.
  init(
    _ witnessing: Witnessing, known: RestoreGuard.Known, view: DurableView, flow: Flow,
    clock: any ServiceClock, limits: ServiceLimits, logger: Logger,
    wake: @escaping @Sendable () -> Void, fail: @escaping @Sendable (String) -> Void
  ) {
    self.witnessing = witnessing
    self.view = view
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.logger = logger
    self.wake = wake
    self.fail = fail
    let now = clock.monotonicNanoseconds()
    state = Mutex(
      State(
        witnesses: known.sizes.map { Progress(cosignedSize: $0, cosignedNanoseconds: now) },
        publishedSize: known.published?.checkpoint.size ?? 0))
    let names = witnessing.policy.witnesses.map(\.name.description)
    ages = names.map { Gauge(label: "specie_witness_age_seconds", dimensions: [("witness", $0)]) }
    failureCounts = names.map {
      Counter(label: "specie_witness_failures", dimensions: [("witness", $0)])
    }
    if let published = known.published { view.publish(cosigned: published.note) }
  }

  func step() -> StageStep {
    guard !flow.withState({ $0.isWritingDone }) else {
      state.withLock { $0.hasEnded = true }
      flow.stageFinished()
      return .finished
    }
    let answers = inbox.withLock { inbox in
      defer { inbox = [] }
      return inbox
    }
    let now = clock.monotonicNanoseconds()
    let calls: [Witnessing.Call] = state.withLock { state in
      guard !state.hasEnded else { return [] }
      for (witness, answer) in answers { take(answer, of: witness, at: now, &state) }
      guard !state.hasEnded else { return [] }
      publish(at: now, &state)
      beginRound(at: now, &state)
      // Where no cosignature is needed, at once.
      publish(at: now, &state)
      guard !state.hasEnded else { return [] }
      let calls = questions(at: now, &state)
      raiseAlarms(at: now, &state)
      return calls
    }
    // Without the lock: a simulator may answer within the call.
    for call in calls { witnessing.send(call) }
    return state.withLock { state in
      state.hasEnded
        ? .idle(wakeAfterNanoseconds: nil)
        : .idle(wakeAfterNanoseconds: nanosecondsToNextStep(at: now, state))
    }
  }

  /// How the ledger stands with its witnesses.
  func status() -> WitnessingStatus {
    let now = clock.monotonicNanoseconds()
    return state.withLock { state in
      WitnessingStatus(
        quorum: policy.quorumName.description, publishedSize: state.publishedSize,
        isQuorumPresent: isQuorumPresent(state), isGuardSkipped: witnessing.latest == nil,
        witnesses: zip(policy.witnesses, state.witnesses).map { witness, progress in
          WitnessingStatus.Witness(
            name: witness.name.description, cosignedSize: progress.cosignedSize,
            ageSeconds: (now - min(now, progress.cosignedNanoseconds)) / 1_000_000_000,
            problem: progress.problem)
        })
    }
  }

  private func isQuorumPresent(_ state: State) -> Bool {
    policy.isMet(
      by: zip(policy.witnessKeys, state.witnesses).filter { $1.problem == nil }.map(\.0))
  }
}

// MARK: - Rounds

extension Cosigner {
  /// Takes the newest checkpoint, once it is its turn.
  private func beginRound(at now: UInt64, _ state: inout State) {
    guard let (note, size) = view.signedCheckpoint else { return }
    if let round = state.round {
      let age = now - round.beganNanoseconds
      if size > round.size {
        let isOver =
          round.isPublished || age >= limits.cosignRoundNanosecondsMax
          || isSettled(round, at: now, state)
        guard age >= limits.cosignIntervalNanoseconds, isOver else { return }
      } else {
        guard age >= limits.cosignRefreshNanoseconds else { return }
      }
    }
    state.roundsBegun += 1
    state.round = Round(
      number: state.roundsBegun, note: note, size: size, beganNanoseconds: now,
      signatures: policy.witnesses.map { _ in nil }, isNews: policy.isMet(by: []))
  }

  /// Whether every witness has cosigned the round's checkpoint or failed to.
  private func isSettled(_ round: Round, at now: UInt64, _ state: State) -> Bool {
    zip(round.signatures, state.witnesses).allSatisfy { signature, progress in
      signature != nil || (progress.question == nil && progress.dueNanoseconds > now)
    }
  }

  /// What is to be asked now.
  private func questions(at now: UInt64, _ state: inout State) -> [Witnessing.Call] {
    guard let round = state.round else { return [] }
    var calls: [Witnessing.Call] = []
    for witness in state.witnesses.indices where round.signatures[witness] == nil {
      let progress = state.witnesses[witness]
      guard progress.question == nil, progress.dueNanoseconds <= now,
        progress.cosignedSize <= round.size
      else { continue }
      let request: AddCheckpointRequest
      do {
        let path = try view.consistencyPath(from: progress.cosignedSize, to: round.size)
        request = try AddCheckpointRequest(
          oldSize: progress.cosignedSize, proof: path, note: round.note)
      } catch {
        miss(witness, "no proof could be made: \(error)", at: now, &state)
        continue
      }
      state.witnesses[witness].question = Question(
        round: round.number, note: round.note, size: round.size,
        oldSize: progress.cosignedSize)
      calls.append(
        Witnessing.Call(
          witness: witness, body: request.encoded,
          timeoutNanoseconds: limits.witnessTimeoutNanoseconds,
          complete: { [weak self] answer in
            guard let self else { return }
            inbox.withLock { $0.append((witness, answer)) }
            wake()
          }))
    }
    return calls
  }

  /// Publishes the round's checkpoint with the cosignatures there are, once they are enough.
  private func publish(at now: UInt64, _ state: inout State) {
    guard !state.hasEnded, let round = state.round, round.isNews,
      state.keepDueNanoseconds <= now
    else { return }
    let signed = round.signatures.indices.filter { round.signatures[$0] != nil }
    guard policy.isMet(by: signed.map { policy.witnessKeys[$0] }) else { return }
    let note: Note
    do {
      note = try Note(
        text: round.note.text,
        signatures: round.note.signatures + round.signatures.compactMap(\.self))
    } catch {
      preconditionFailure("a checkpoint with \(signed.count) cosignatures is no note: \(error)")
    }
    do throws(StoreError) {
      try witnessing.keeper.replace(String(decoding: note.encoded, as: UTF8.self))
    } catch {
      guard error.remedy == .retrySameBytes else {
        state.hasEnded = true
        return fail("the published checkpoint cannot be kept: \(error)")
      }
      state.keepDueNanoseconds = now + limits.storageRetryNanoseconds
      return
    }
    state.round?.isNews = false
    state.round?.isPublished = true
    state.publishedSize = round.size
    view.publish(cosigned: note)
  }
}

// MARK: - Answers

extension Cosigner {
  private func take(_ reply: Answer, of witness: Int, at now: UInt64, _ state: inout State) {
    guard let question = state.witnesses[witness].question else { return }
    state.witnesses[witness].question = nil
    let answer: AddCheckpointAnswer
    switch reply {
    case .failure(let silence): return miss(witness, silence.reason, at: now, &state)
    case .success(let reply):
      do throws(AddCheckpointAnswerError) {
        answer = try AddCheckpointAnswer(
          status: reply.status, mediaType: reply.mediaType, body: reply.body)
      } catch {
        return miss(witness, error.description, at: now, &state)
      }
    }
    switch answer {
    case .cosigned(let lines): accept(lines, of: witness, to: question, at: now, &state)
    case .conflict(let size): rebuild(from: size, witness, question, at: now, &state)
    case .inconsistent(let text):
      stop(
        "witness `\(policy.witnesses[witness].name)` finds the checkpoint of \(question.size) "
          + "entries inconsistent with the one of \(question.oldSize) that it cosigned: \(text)",
        &state)
    case .refused(let status, let text):
      miss(witness, "status \(status): \(text)", at: now, &state)
    }
  }

  private func accept(
    _ lines: [NoteSignature], of witness: Int, to question: Question, at now: UInt64,
    _ state: inout State
  ) {
    let key = policy.witnessKeys[witness]
    guard let line = lines.first(where: { $0.name == key.name && $0.keyID == key.id }) else {
      return miss(witness, "it answered without a signature by its key", at: now, &state)
    }
    do throws(NoteError) {
      _ = try Note(text: question.note.text, signatures: [line]).verify(keys: [key]) {
        Ed25519.isValid($2, on: $1, publicKey: $0)
      }
    } catch {
      return miss(witness, error.description, at: now, &state)
    }
    let name = policy.witnesses[witness].name
    if state.witnesses[witness].alarmedNanoseconds != nil {
      logger.notice("a witness is back", metadata: ["witness": "\(name)"])
    }
    state.witnesses[witness].cosignedSize = question.size
    state.witnesses[witness].cosignedNanoseconds = now
    state.witnesses[witness].failures = 0
    state.witnesses[witness].problem = nil
    state.witnesses[witness].alarmedNanoseconds = nil
    guard state.round?.number == question.round else { return }
    state.round?.signatures[witness] = line
    state.round?.isNews = true
  }

  /// The witness has cosigned another size than was asked from.
  private func rebuild(
    from size: UInt64, _ witness: Int, _ question: Question, at now: UInt64,
    _ state: inout State
  ) {
    let name = policy.witnesses[witness].name
    let newest = view.checkpointSize
    guard size <= newest else {
      return stop(
        "witness `\(name)` has cosigned \(size) entries of this log, and here only \(newest) were "
          + "signed: this is an old copy, and the log was rolled back", &state)
    }
    if size < state.witnesses[witness].cosignedSize {
      logger.warning(
        "a witness has forgotten what it cosigned",
        metadata: [
          "witness": "\(name)", "cosigned_size": "\(state.witnesses[witness].cosignedSize)",
          "its_size": "\(size)",
        ])
    }
    // Whenever it is asked again, that starts from there.
    state.witnesses[witness].cosignedSize = size
    let isSecond = state.witnesses[witness].rebuiltRound == question.round
    state.witnesses[witness].rebuiltRound = question.round
    if isSecond || size == question.oldSize {
      miss(witness, "it conflicts again, with size \(size)", at: now, &state)
    }
    // It has cosigned a newer one than this round's: the next round is for it.
    if size > question.size, state.round?.number == question.round { state.round = nil }
  }

  /// The witness did not cosign this time.
  private func miss(_ witness: Int, _ problem: String, at now: UInt64, _ state: inout State) {
    let failures = state.witnesses[witness].failures
    let factor = UInt64(1) << UInt64(min(failures, 20))
    state.witnesses[witness].failures = failures + 1
    state.witnesses[witness].problem = problem
    state.witnesses[witness].dueNanoseconds =
      now + min(limits.witnessRetryNanosecondsMin * factor, limits.witnessRetryNanosecondsMax)
    failureCounts[witness].increment()
  }

  /// Ends all signing: another history is known, and each further signature would make it worse.
  private func stop(_ reason: String, _ state: inout State) {
    state.hasEnded = true
    flow.withState {
      $0.hasStoppedSigning = true
      $0.close(.witnesses, .signingStopped(reason: reason))
    }
    logger.critical("nothing more is signed: \(reason)")
  }
}

// MARK: - Alarms

extension Cosigner {
  private func raiseAlarms(at now: UInt64, _ state: inout State) {
    let isPresent = isQuorumPresent(state)
    for witness in state.witnesses.indices {
      let progress = state.witnesses[witness]
      let away = now - min(now, progress.cosignedNanoseconds)
      ages[witness].record(away / 1_000_000_000)
      guard let problem = progress.problem, away >= limits.witnessAlarmNanoseconds,
        progress.alarmedNanoseconds.map({
          now - $0 >= limits.witnessAlarmIntervalNanoseconds
        }) ?? true
      else { continue }
      state.witnesses[witness].alarmedNanoseconds = now
      logger.log(
        level: isPresent ? .warning : .error, "a witness is away",
        metadata: [
          "witness": "\(policy.witnesses[witness].name)",
          "away_seconds": "\(away / 1_000_000_000)", "problem": "\(problem)",
          "quorum": isPresent
            ? "met by the others" : "not met: nothing is published",
          "published_size": "\(state.publishedSize)",
        ])
    }
  }

  /// How long there is nothing to do unless somebody answers; `nil` until somebody does.
  private func nanosecondsToNextStep(at now: UInt64, _ state: State) -> UInt64? {
    guard let round = state.round else { return nil }
    var next = round.beganNanoseconds + limits.cosignRefreshNanoseconds
    if view.checkpointSize > round.size {
      let age = now - round.beganNanoseconds
      next = min(
        next,
        age < limits.cosignIntervalNanoseconds
          ? round.beganNanoseconds + limits.cosignIntervalNanoseconds
          : round.beganNanoseconds + max(limits.cosignRoundNanosecondsMax, age + 1))
    }
    if round.isNews, state.keepDueNanoseconds > now {
      next = min(next, state.keepDueNanoseconds)
    }
    for (signature, progress) in zip(round.signatures, state.witnesses)
    where signature == nil && progress.question == nil && progress.dueNanoseconds > now {
      next = min(next, progress.dueNanoseconds)
    }
    return next > now ? next - now : 1_000_000
  }
}
