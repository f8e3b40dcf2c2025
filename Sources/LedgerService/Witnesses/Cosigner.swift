import LedgerLog
import LedgerStorage
import LedgerWire
import Logging
import MerkleLog
import Metrics
import Synchronization

/// Has the newest kept checkpoint cosigned by the witnesses, and publishes it once they are enough.
///
/// One checkpoint at a time goes to all witnesses: a *round*. A witness that is away costs nothing
/// but its cosignature. One that claims to know a longer or another history makes signing wait
/// until it has shown its checkpoint; where the log's key signed that, signing ends for good.
final class Cosigner: Sendable {
  private typealias Answer = Result<Witnessing.Reply, Witnessing.Silence>

  private let witnessing: Witnessing
  private let logKey: VerifierKey
  private let view: DurableView
  private let flow: Flow
  private let clock: any ServiceClock
  private let limits: ServiceLimits
  private let logger: Logger
  private let wake: @Sendable () -> Void
  private let resume: @Sendable () -> Void
  private let fail: @Sendable (String) -> Void
  /// Of the stage alone, which holds it over reads of the store and a sync.
  private let state: Mutex<State>
  /// What it was after the last step, for those who ask.
  private let shown: Mutex<State>
  private let inbox = Mutex<[(witness: Int, number: UInt64, answer: Answer)]>([])
  private let failureCounts: [Counter]

  private var policy: TrustPolicy { witnessing.policy }

  /// Creates the stage.
  ///
  /// - Parameters:
  ///   - witnessing: The witnesses.
  ///   - logKey: Signs the checkpoints.
  ///   - known: What the opening found out about them.
  ///   - view: Has the checkpoints, and shows what is published.
  ///   - flow: Closed where a witness has shown another history.
  ///   - clock: Of the service.
  ///   - limits: Of the service.
  ///   - logger: Raises alarms.
  ///   - wake: Wakes this stage.
  ///   - resume: Wakes what signs, after a wait.
  ///   - fail: Ends the process.
  init(
    _ witnessing: Witnessing, logKey: VerifierKey, known: RestoreGuard.Known, view: DurableView,
    flow: Flow,
    clock: any ServiceClock, limits: ServiceLimits, logger: Logger,
    wake: @escaping @Sendable () -> Void, resume: @escaping @Sendable () -> Void,
    fail: @escaping @Sendable (String) -> Void
  ) {
    self.witnessing = witnessing
    self.logKey = logKey
    self.view = view
    self.flow = flow
    self.clock = clock
    self.limits = limits
    self.logger = logger
    self.wake = wake
    self.resume = resume
    self.fail = fail
    let now = clock.monotonicNanoseconds()
    let state =
      State(
        witnesses: known.sizes.map { Progress(cosignedSize: $0, cosignedNanoseconds: now) },
        published: known.published.map { Published($0, keys: witnessing.policy.witnessKeys) })
    self.state = Mutex(state)
    shown = Mutex(state)
    let names = witnessing.policy.witnesses.map(\.name.description)
    failureCounts = names.map {
      Counter(label: "specie_witness_failures_total", dimensions: [("witness", $0)])
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
    var hasResumed = false
    let calls: [Witnessing.Call] = state.withLock { state in
      keepProof(&state)
      guard !state.hasEnded else { return [] }
      for (witness, number, answer) in answers {
        take(answer, to: number, of: witness, at: now, &state)
        guard !state.hasEnded else { return [] }
      }
      expireQuestions(at: now, &state)
      let isPaused = state.witnesses.contains { $0.claim != nil }
      if isPaused != state.isPaused { flow.withState { $0.isSigningPaused = isPaused } }
      hasResumed = state.isPaused && !isPaused
      state.isPaused = isPaused
      publish(at: now, &state)
      beginRound(at: now, &state)
      // Where no cosignature is needed, at once.
      publish(at: now, &state)
      guard !state.hasEnded else { return [] }
      let calls = questions(at: now, &state)
      raiseAlarms(at: now, &state)
      return calls
    }
    if hasResumed { resume() }
    // Without the lock: a simulator may answer within the call.
    for call in calls { witnessing.send(call) }
    return state.withLock { state in
      shown.withLock { $0 = state }
      return state.hasEnded
        ? .idle(
          wakeAfterNanoseconds: state.unkeptProof == nil ? nil : limits.storageRetryNanoseconds)
        : .idle(wakeAfterNanoseconds: nanosecondsToNextStep(at: now, state))
    }
  }

  /// How the ledger stands with its witnesses.
  func status() -> WitnessingStatus {
    let now = clock.monotonicNanoseconds()
    return shown.withLock { state in
      WitnessingStatus(
        quorum: policy.quorumName.description, publishedSize: state.published?.size ?? 0,
        isQuorumPresent: isQuorumPresent(at: now, state), isGuardSkipped: witnessing.latest == nil,
        witnesses: zip(policy.witnesses, state.witnesses).map { witness, progress in
          WitnessingStatus.Witness(
            name: witness.name.description, cosignedSize: progress.cosignedSize,
            ageSeconds: (now - min(now, progress.cosignedNanoseconds)) / 1_000_000_000,
            problem: progress.problem, detail: progress.detail)
        })
    }
  }

  /// Whether the witnesses that have cosigned of late suffice.
  private func isQuorumPresent(at now: UInt64, _ state: State) -> Bool {
    policy.isMet(
      by: zip(policy.witnessKeys, state.witnesses).filter { _, progress in
        progress.problem == nil && progress.hasCosigned
          && now - min(now, progress.cosignedNanoseconds) <= limits.witnessPresentNanosecondsMax
      }.map(\.0))
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
    let isPublished = state.published?.text == note.text
    state.round = Round(
      number: state.roundsBegun, note: note, size: size, beganNanoseconds: now,
      signatures: policy.witnesses.map { _ in nil },
      isNews: policy.isMet(by: []) && !isPublished, isPublished: isPublished)
  }

  /// Whether every witness has cosigned the round's checkpoint or failed to.
  private func isSettled(_ round: Round, at now: UInt64, _ state: State) -> Bool {
    zip(round.signatures, state.witnesses).allSatisfy { signature, progress in
      signature != nil || progress.cosignedSize > round.size
        || (progress.asked == nil && progress.dueNanoseconds > now)
    }
  }

  /// What is to be asked now.
  private func questions(at now: UInt64, _ state: inout State) -> [Witnessing.Call] {
    guard let round = state.round else { return [] }
    var calls: [Witnessing.Call] = []
    for witness in state.witnesses.indices where state.witnesses[witness].asked == nil {
      let progress = state.witnesses[witness]
      guard progress.claim == nil else {
        calls.append(ask(witness, .latest(of: Origin(logKey.name)), nil, at: now, &state))
        continue
      }
      guard round.signatures[witness] == nil, progress.dueNanoseconds <= now,
        progress.cosignedSize <= round.size
      else { continue }
      let request: AddCheckpointRequest
      do {
        let path = try view.consistencyPath(from: progress.cosignedSize, to: round.size)
        request = try AddCheckpointRequest(
          oldSize: progress.cosignedSize, proof: path, note: round.note)
      } catch {
        miss(witness, .noProof, "no proof could be made: \(error)", at: now, &state)
        continue
      }
      let question = Question(
        round: round.number, note: round.note, size: round.size, oldSize: progress.cosignedSize)
      calls.append(ask(witness, .cosign(body: request.encoded), question, at: now, &state))
    }
    return calls
  }

  private func ask(
    _ witness: Int, _ request: Witnessing.Request, _ question: Question?, at now: UInt64,
    _ state: inout State
  ) -> Witnessing.Call {
    state.questionsAsked += 1
    let number = state.questionsAsked
    state.witnesses[witness].asked = Asked(
      number: number, atNanoseconds: now, question: question)
    return Witnessing.Call(
      witness: witness, request: request,
      timeoutNanoseconds: limits.witnessTimeoutNanoseconds,
      complete: { [weak self] answer in
        guard let self else { return }
        inbox.withLock { $0.append((witness, number, answer)) }
        wake()
      })
  }

  /// Waits no longer for answers that are overdue, whatever became of them.
  private func expireQuestions(at now: UInt64, _ state: inout State) {
    for witness in state.witnesses.indices {
      guard let asked = state.witnesses[witness].asked,
        now - min(now, asked.atNanoseconds) >= limits.witnessTimeoutNanoseconds
      else { continue }
      state.witnesses[witness].asked = nil
      let problem = "no answer in \(limits.witnessTimeoutNanoseconds / 1_000_000) ms"
      if asked.question == nil {
        dismissClaim(of: witness, problem, at: now, &state)
      } else {
        miss(witness, .noAnswer, problem, at: now, &state)
      }
    }
  }

  /// Publishes the round's checkpoint with the cosignatures there are, once they are enough.
  ///
  /// Where that checkpoint is published already, the lines that were not renewed stay.
  private func publish(at now: UInt64, _ state: inout State) {
    guard !state.hasEnded, let round = state.round, round.isNews,
      state.keepDueNanoseconds <= now
    else { return }
    let older = state.published.flatMap { $0.text == round.note.text ? $0.signatures : nil }
    let lines: [NoteSignature?] = round.signatures.enumerated().map { $1 ?? older?[$0] }
    let signed = lines.indices.filter { lines[$0] != nil }
    guard policy.isMet(by: signed.map { policy.witnessKeys[$0] }) else { return }
    let note: Note
    do {
      note = try Note(
        text: round.note.text,
        signatures: round.note.signatures + lines.compactMap(\.self))
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
    state.published = Published(text: round.note.text, size: round.size, signatures: lines)
    shown.withLock { $0 = state }
    view.publish(cosigned: note)
  }
}

// MARK: - Answers

extension Cosigner {
  private func take(
    _ reply: Answer, to number: UInt64, of witness: Int, at now: UInt64, _ state: inout State
  ) {
    // An answer that came too late is to no question that still stands.
    guard let asked = state.witnesses[witness].asked, asked.number == number else { return }
    state.witnesses[witness].asked = nil
    guard let question = asked.question else {
      return judge(reply, of: witness, at: now, &state)
    }
    let answer: AddCheckpointAnswer
    switch reply {
    case .failure(let silence): return miss(witness, .noAnswer, silence.reason, at: now, &state)
    case .success(let reply):
      do throws(AddCheckpointAnswerError) {
        answer = try AddCheckpointAnswer(
          status: reply.status, mediaType: reply.mediaType, body: reply.body)
      } catch {
        return miss(witness, .wrongAnswer, error.description, at: now, &state)
      }
    }
    switch answer {
    case .cosigned(let lines): accept(lines, of: witness, to: question, at: now, &state)
    case .conflict(let size): rebuild(from: size, witness, question, at: now, &state)
    case .inconsistent(let text):
      state.witnesses[witness].claim =
        "it finds the checkpoint of \(question.size) entries inconsistent with the one of "
        + "\(question.oldSize): \(text)"
    case .refused(let status, let text):
      miss(witness, .refused, "status \(status): \(text)", at: now, &state)
    }
  }

  private func accept(
    _ lines: [NoteSignature], of witness: Int, to question: Question, at now: UInt64,
    _ state: inout State
  ) {
    let key = policy.witnessKeys[witness]
    guard let line = lines.first(where: { $0.name == key.name && $0.keyID == key.id }) else {
      return miss(
        witness, .wrongAnswer, "it answered without a signature by its key", at: now, &state)
    }
    let time: UInt64
    do throws(NoteError) {
      let verified = try Note(text: question.note.text, signatures: [line]).verify(keys: [key]) {
        Ed25519.isValid($2, on: $1, publicKey: $0)
      }
      time = verified.first?.timestampSeconds ?? 0
    } catch {
      return miss(witness, .wrongAnswer, error.description, at: now, &state)
    }
    let wall = clock.wallMicroseconds() / 1_000_000
    guard max(time, wall) - min(time, wall) <= limits.cosignatureSkewSecondsMax else {
      return miss(
        witness, .wrongTime,
        "its cosignature is dated \(time) s, and the clock shows \(wall) s; at most "
          + "\(limits.cosignatureSkewSecondsMax) s may lie between", at: now, &state)
    }
    guard time >= state.witnesses[witness].timestampSeconds else {
      return miss(
        witness, .wrongTime,
        "its cosignature is dated \(time) s, and its last one "
          + "\(state.witnesses[witness].timestampSeconds) s", at: now, &state)
    }
    state.witnesses[witness].timestampSeconds = time
    state.witnesses[witness].hasCosigned = true
    let name = policy.witnesses[witness].name
    if state.witnesses[witness].alarmedNanoseconds != nil {
      logger.notice("a witness is back", metadata: ["witness": "\(name)"])
    }
    state.witnesses[witness].cosignedSize = question.size
    state.witnesses[witness].cosignedNanoseconds = now
    state.witnesses[witness].failures = 0
    state.witnesses[witness].problem = nil
    state.witnesses[witness].detail = nil
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
      state.witnesses[witness].claim =
        "it says that it has cosigned \(size) entries, and here only \(newest) were signed"
      return
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
      miss(witness, .conflict, "it conflicts again, with size \(size)", at: now, &state)
    } else if size > question.size {
      // The next round is for it; this one goes on for the others.
      miss(witness, .conflict, "it has cosigned a newer one, of size \(size)", at: now, &state)
    }
  }

  /// Looks at what a witness shows for what it claimed.
  private func judge(
    _ reply: Answer, of witness: Int, at now: UInt64, _ state: inout State
  ) {
    let bytes: [UInt8]
    switch reply {
    case .failure(let silence):
      return dismissClaim(of: witness, silence.reason, at: now, &state)
    case .success(let reply) where reply.status == 200: bytes = reply.body
    case .success(let reply):
      return dismissClaim(
        of: witness, "status \(reply.status) for its last checkpoint", at: now, &state)
    }
    let store = view.store
    let restoreGuard = RestoreGuard(policy: policy, logKey: logKey, tree: view.head.tree) {
      tile throws(LogTilesError) in try LogTiles.leaves(ofTile: tile, in: store)
    }
    do throws(OpeningError) {
      let finding = try restoreGuard.finding(
        in: bytes, of: "witness `\(policy.witnesses[witness].name)`")
      switch finding {
      case .notSigned(let error):
        dismissClaim(
          of: witness, "what it shows is not of this log: \(error)", at: now, &state)
      case .consistent(let size):
        dismissClaim(
          of: witness, "it shows \(size) entries, which this log has", at: now, &state)
      case .contradicted(let reason, let proof): stop(reason, proof: proof, &state)
      }
    } catch {
      dismissClaim(
        of: witness, "what it shows could not be compared: \(error)", at: now, &state)
    }
  }

  /// A witness claimed what would end signing, and did not show it.
  private func dismissClaim(
    of witness: Int, _ problem: String, at now: UInt64, _ state: inout State
  ) {
    let claim = state.witnesses[witness].claim ?? ""
    state.witnesses[witness].claim = nil
    miss(witness, .unprovenClaim, "\(claim); \(problem)", at: now, &state)
    let last = state.witnesses[witness].claimAlarmedNanoseconds
    guard last.map({ now - $0 >= limits.witnessAlarmIntervalNanoseconds }) ?? true else { return }
    state.witnesses[witness].claimAlarmedNanoseconds = now
    logger.error(
      "a witness claims another history, and shows none; signing goes on",
      metadata: [
        "witness": "\(policy.witnesses[witness].name)", "claim": "\(claim.debugDescription)",
        "shown": "\(problem.debugDescription)",
      ])
  }

  /// The witness did not cosign this time.
  private func miss(
    _ witness: Int, _ problem: WitnessingStatus.Problem, _ detail: String, at now: UInt64,
    _ state: inout State
  ) {
    let failures = state.witnesses[witness].failures
    let factor = UInt64(1) << UInt64(min(failures, 20))
    state.witnesses[witness].failures = failures + 1
    state.witnesses[witness].problem = problem
    state.witnesses[witness].detail = detail
    state.witnesses[witness].dueNanoseconds =
      now + min(limits.witnessRetryNanosecondsMin * factor, limits.witnessRetryNanosecondsMax)
    failureCounts[witness].increment()
  }

  /// Ends all signing: another history is known, and each further signature would make it worse.
  ///
  /// The proof is a checkpoint that the log's key signed; kept, it refuses the next opening.
  private func stop(_ reason: String, proof: String, _ state: inout State) {
    state.hasEnded = true
    flow.withState {
      $0.hasStoppedSigning = true
      $0.close(.witnesses, .signingStopped(reason: reason))
    }
    logger.critical("nothing more is signed: \(reason)")
    state.unkeptProof = proof
    keepProof(&state)
    if state.unkeptProof != nil { logger.error("the proof is not kept yet; it is\n\(proof)") }
  }

  /// Keeps what ended signing; where that fails, the next step tries again.
  private func keepProof(_ state: inout State) {
    guard let proof = state.unkeptProof else { return }
    do throws(StoreError) {
      try witnessing.keeper.replace(proof)
      state.unkeptProof = nil
    } catch {
      logger.warning("the proof that ended signing cannot be kept: \(error)")
    }
  }
}

// MARK: - Alarms

extension Cosigner {
  private func raiseAlarms(at now: UInt64, _ state: inout State) {
    let isPresent = isQuorumPresent(at: now, state)
    for witness in state.witnesses.indices {
      let progress = state.witnesses[witness]
      let away = now - min(now, progress.cosignedNanoseconds)
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
          "away_seconds": "\(away / 1_000_000_000)", "problem": "\(problem.rawValue)",
          "detail": "\((progress.detail ?? "").debugDescription)",
          "quorum": isPresent
            ? "met by the others" : "not met: nothing is published",
          "published_size": "\(state.published?.size ?? 0)",
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
    where signature == nil && progress.asked == nil && progress.dueNanoseconds > now {
      next = min(next, progress.dueNanoseconds)
    }
    for progress in state.witnesses {
      guard let asked = progress.asked else { continue }
      next = min(next, asked.atNanoseconds + limits.witnessTimeoutNanoseconds)
    }
    return next > now ? next - now : 1_000_000
  }
}
