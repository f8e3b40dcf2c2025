package import LedgerModel
package import LedgerPolicy

extension LedgerState {
  /// What the ledger would answer now to a submission of one order that moves money.
  ///
  /// The order is decided as every order is, by the same code, but for the writing: nothing is
  /// counted, remembered or moved. Where the ledger has had the order already, that is the answer.
  ///
  /// - Returns: `nil` where the submission has several orders, or its order moves no money: to try
  ///   those would take a copy of the whole state.
  /// - Throws: The refusal that the submission would get.
  /// - Complexity: As ``apply(_:in:)``.
  package func outcome(
    ofDryRun submission: VerifiedSubmission
  ) throws(SubmissionRefusal) -> Outcome? {
    guard submission.instructions.count == 1,
      submission.instructions[0].instruction.operation.movement != nil
    else { return nil }
    let statement = submission.statement
    let signers = submission.signatures.map(\.key)
    try check(statement, signers: signers)
    let participant = participantIndex(of: statement.party)
    let admitted = AdmittedSubmission(
      sequence: nextSequence, party: statement.party, participant: participant, signers: signers,
      partyNumber: PartyNumber(statement.party, participant: participant),
      horizonMicroseconds: genesis.parameters.horizonMicroseconds(of: statement.party))
    let verified = submission.instructions[0]
    if let outcome = outcomeByID(verified.instruction.id, digest: verified.digest, in: admitted) {
      return outcome
    }
    var copy = self
    do throws(Rejection) {
      try copy.checkAuthority(for: verified.instruction, in: admitted)
      let remarks = try copy.remarks(ofDryRun: verified.instruction, in: admitted) ?? []
      return remarks.isEmpty ? .accepted : .remarked(remarks)
    } catch {
      return .rejected(error)
    }
  }

  /// How much a wallet may still pay, to whomever, by the rules in force.
  ///
  /// - Returns: `nil` where there is no such wallet.
  /// - Complexity: O(rules), some sixty times.
  package func headroom(of wallet: AccountID) -> Headroom? {
    guard let slot = slot(of: wallet), accounts[slot].kind == .wallet else { return nil }
    let account = accounts[slot]
    let available = max(0, account.available.minorUnits)
    var copy = self
    func request(_ minorUnits: Int64) -> PolicyRequest? {
      guard minorUnits > 0, let amount = Amount(minorUnits: UInt64(minorUnits)),
        let after = Balance(minorUnits: account.balance.minorUnits - minorUnits)
      else { return nil }
      let instruction = Instruction(
        id: InstructionID(milliseconds: 0, random: (0, 0)),
        operation: .pay(
          Transfer(
            payer: wallet, payee: wallet, amount: UInt64(minorUnits),
            currency: currencies[account.currency].currency.code)))
      return copy.policyRequest(
        .pay, amount, instruction, signers: [], payer: Moved(slot, to: after), payee: nil,
        account.currency)
    }
    let policy = currencies[account.currency].policy
    func isPermitted(_ minorUnits: Int64) -> Bool {
      request(minorUnits).map { policy.decide($0).isPermitted } ?? false
    }
    // Caps fall on large sums first: between what passes and what does not lies the most.
    var (most, tooMuch) = (Int64(0), available + 1)
    if isPermitted(available) { most = available }
    while most < available, tooMuch - most > 1 {
      let middle = most + (tooMuch - most) / 2
      if isPermitted(middle) { most = middle } else { tooMuch = middle }
    }
    let readings = request(1).map { policy.explain($0) } ?? []
    return Headroom(
      currency: currencies[account.currency].currency.code, available: available, most: most,
      readings: readings.filter { !$0.isShadow && $0.isPayer && $0.account == wallet })
  }

  /// Whether the ledger's version knows the order, and who signed it may give it.
  @inline(__always)
  func checkAuthority(
    for instruction: Instruction, in submission: AdmittedSubmission
  ) throws(Rejection) {
    let version = instruction.firstVersion
    guard version <= genesis.version else {
      throw .notInVersion(operation: instruction.operation.name, needs: version)
    }
    try authorise(instruction.operation, in: submission)
  }
}

/// How much a wallet may still pay.
package struct Headroom: Sendable {
  package let currency: CurrencyCode
  /// Minor units.
  package let available: Int64
  /// The largest sum that every rule that looks at the payer lets pass now, in minor units; the
  /// payee's rules may still refuse.
  package let most: Int64
  /// One reading a rule in force that looks at the wallet as a payer.
  package let readings: [RuleReading]
}

extension Decision {
  fileprivate var isPermitted: Bool {
    switch self {
    case .permit, .permitWith: true
    case .deny, .denyUnknownTier: false
    }
  }
}
