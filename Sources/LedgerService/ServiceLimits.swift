import LedgerLog

/// Every bound of the running service, in one place; reaching one is a typed error.
package struct ServiceLimits: Sendable {
  /// Instructions that wait for the sequencer, over all parties.
  package var queuedInstructionsMax = 200_000
  /// Bytes of what waits for the sequencer.
  package var queuedBytesMax = 256 << 20
  /// Instructions that a party may put into batches before the next one has its turn.
  package var turnInstructions = 1_024
  /// Instructions in one batch, unless one submission has more.
  package var batchInstructionsMax = 8_192
  /// Instructions that are worth a batch while many more are being verified: a batch has its
  /// transaction, its sync and its wake-ups, however short it is.
  package var batchInstructionsMin = 256
  /// How long fewer wait for that at most.
  package var batchWaitNanoseconds: UInt64 = 2_000_000
  /// Batches on their way from the sequencer to the disk.
  package var batchesInFlightMax = 4
  /// Instructions that must wait for a batch to be begun while another is on its way.
  ///
  /// Fewer gain nothing by it, and wait for their own sync instead of sharing the next one. Nor are
  /// fewer worth a thread of their own to be encoded.
  package var pipelinedInstructionsMin = 512
  /// Threads that verify signatures and make receipts.
  package var gatewayWorkers = 2
  /// What waits for the gateway, in signature checks.
  package var deliveredChecksMax = 16_384
  /// Bytes of what waits for the gateway.
  package var deliveredBytesMax = 256 << 20
  /// Signature checks that one worker takes at once, unless one submission has more.
  package var deliveredChecksTakenMax = 32
  /// Receipts that one worker makes at once.
  package var receiptsPerStepMax = 256
  /// How often a checkpoint is signed while there is news.
  package var checkpointIntervalNanoseconds: UInt64 = 250_000_000
  /// How often the newest checkpoint goes to the witnesses while there is a newer one.
  package var cosignIntervalNanoseconds: UInt64 = 1_000_000_000
  /// How long a checkpoint may wait for its quorum before a newer one takes its turn.
  package var cosignRoundNanosecondsMax: UInt64 = 5_000_000_000
  /// How long a witness may take to answer.
  package var witnessTimeoutNanoseconds: UInt64 = 5_000_000_000
  /// When a witness that failed is asked again, at first; then after twice that, and so on.
  package var witnessRetryNanosecondsMin: UInt64 = 1_000_000_000
  /// The longest that it is left alone.
  package var witnessRetryNanosecondsMax: UInt64 = 60_000_000_000
  /// How long a witness may be away before an alarm, and how far apart its alarms are.
  package var witnessAlarmNanoseconds: UInt64 = 10_000_000_000
  package var witnessAlarmIntervalNanoseconds: UInt64 = 60_000_000_000
  /// How old a cosignature gets before the same checkpoint is cosigned again: an idle ledger shows
  /// by it that its witnesses are there.
  package var cosignRefreshNanoseconds: UInt64 = 600_000_000_000
  /// How old its last cosignature may be for a witness to count as present.
  package var witnessPresentNanosecondsMax: UInt64 = 1_200_000_000_000
  /// How far the time of a cosignature may lie from the wall clock.
  package var cosignatureSkewSecondsMax: UInt64 = 600
  /// How far the wall clock may stray from the monotonic one between two looks.
  package var clockJumpMicrosecondsMax: UInt64 = 1_000_000
  /// How far ahead of the newest entry the clock may be on opening: 7 days.
  package var openingGapMicrosecondsMax: UInt64 = 7 * 86_400 * 1_000_000
  /// How long a full disk is waited out before the same bytes are tried again.
  package var storageRetryNanoseconds: UInt64 = 500_000_000
  /// What a caller is told to wait when a queue is full.
  package var retryAfterSeconds = 1
  /// Entries of one page of a statement.
  package var pageEntriesMax = 500
  /// Entries of an account that one page looks at for those that its filter admits.
  package var pageScannedMax = 1_000
  /// Those who follow the log at once.
  package var followersMax = 12_288
  /// Events that are kept for them; who is further behind reads the store.
  package var keptEventsMax = 16_384
  /// Events of one page of a follower's.
  package var eventsPerPageMax = 256
  /// How often each follower is woken though there is nothing for it.
  package var followerWakeNanoseconds: UInt64 = 15_000_000_000
  /// Questions that wait for the sequencer.
  package var questionsMax = 256
  /// How long ids wait for the index, unless a whole batch of them is there.
  package var indexIntervalNanoseconds: UInt64 = 250_000_000
  /// Instructions that make the index take them at once.
  package var indexBatchMax = 20_000
  /// Ids that wait for the index; no orders are sequenced while there are so many.
  package var unindexedInstructionsMax = 4_000_000
  /// Entries since the last snapshot that make a new one worth its bytes.
  package var snapshotEntriesMin: UInt64 = 1_000_000
  /// How long after the last one a new one is begun at the soonest.
  package var snapshotIntervalNanoseconds: UInt64 = 10_000_000_000
  /// Bytes a second that snapshots write on average: after a state of gigabytes the next one is put
  /// off for longer.
  package var snapshotBytesPerSecondMax: UInt64 = 40 << 20
  /// How often it is looked whether one is due.
  package var snapshotLookNanoseconds: UInt64 = 1_000_000_000
  /// Snapshots that are kept: a damaged state leaves the one before.
  package var snapshotsKept = 2
  /// How far ledger time may lie behind the wall clock before a question lets it pass.
  package var tickAfterMicroseconds: UInt64 = 1_000_000

  package init() {}

  /// Whether a batch is too short for stages to work on it and on its neighbours at once.
  func isShort(_ batch: BatchInFlight) -> Bool {
    batch.batch.entryCount < pipelinedInstructionsMin
  }

  /// Of what waits for the gateway.
  package var deliveries: AdmissionLimits {
    AdmissionLimits(
      unit: "signature checks", costMax: deliveredChecksMax, bytesMax: deliveredBytesMax,
      turnCost: deliveredChecksTakenMax, takenCostMax: deliveredChecksTakenMax,
      retryAfterSeconds: retryAfterSeconds)
  }

  /// Of what waits for the sequencer.
  package var submissions: AdmissionLimits {
    AdmissionLimits(
      unit: "instructions", costMax: queuedInstructionsMax, bytesMax: queuedBytesMax,
      turnCost: turnInstructions, takenCostMax: batchInstructionsMax,
      retryAfterSeconds: retryAfterSeconds)
  }
}
