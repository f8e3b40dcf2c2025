import Foundation
import LedgerModel
import LedgerStorage
import Synchronization
import Testing

/// The faulty store and the simulated disk do as they are told, so that tests above them mean
/// something.
@Suite struct FaultTests {
  private static func faulty(
    _ disk: MemoryDisk, _ faults: [Int: FaultyStore.Fault]
  ) throws -> FaultyStore {
    FaultyStore(try disk.open()) { faults[$0] }
  }

  @Test(arguments: [FaultyStore.Fault.full, .failed])
  func goesOnAfterAFaultThatStoresNothing(fault: FaultyStore.Fault) throws {
    let disk = MemoryDisk()
    let store = try Self.faulty(disk, [1: fault])
    try store.append(Sample.rows(from: 0, count: 3))
    let rows = Sample.rows(from: 3, count: 300)
    let error = #expect(throws: StoreError.self) { try store.append(rows) }
    #expect(error?.remedy == (fault == .full ? .retrySameBytes : .giveUp))
    #expect(try store.entryCount() == 3)
    try store.append(rows)
    #expect(try Sample.problems(of: store).isEmpty)
    #expect(try store.entryCount() == 303)
    #expect(store.appendsTried == 3)
  }

  /// Goal: after an unknown outcome or a crash nothing goes any more, and opening again shows the
  /// batch whole or not at all, as the fault says.
  @Test(arguments: [
    (FaultyStore.Fault.unknownLost, UInt64(3)), (.unknownPersisted, 303), (.crashedBefore, 3),
    (.crashedAfter, 303),
  ])
  func endsAfterTheOthers(fault: FaultyStore.Fault, left: UInt64) throws {
    let disk = MemoryDisk()
    let store = try Self.faulty(disk, [1: fault])
    try store.append(Sample.rows(from: 0, count: 3))
    let thrown = #expect(throws: StoreError.self) {
      try store.append(Sample.rows(from: 3, count: 300))
    }
    let error = try #require(thrown)
    let isUnknown = fault == .unknownLost || fault == .unknownPersisted
    #expect(error.code == (isUnknown ? "storage_outcome_unknown" : "store_closed"))
    #expect(throws: error) { try store.append(Sample.rows(from: 3, count: 1)) }
    #expect(throws: error) { try store.entryCount() }
    #expect(throws: error) { try store.rows(from: .genesis, rowsMax: 1) }
    disk.crash()
    let reopened = try disk.open()
    #expect(try reopened.entryCount() == left)
    #expect(try Sample.problems(of: reopened).isEmpty)
  }

  @Test func failsReadsWhenTold() throws {
    let store = try Self.faulty(MemoryDisk(), [:])
    try store.append(Sample.rows(from: 0, count: 3))
    store.setReadFault(.corrupt(detail: "told so"))
    #expect(throws: StoreError.corrupt(detail: "told so")) { try store.entryCount() }
    #expect(throws: StoreError.corrupt(detail: "told so")) {
      try store.rows(from: .genesis, rowsMax: 1)
    }
    store.setReadFault(nil)
    #expect(try store.entryCount() == 3)
  }

  /// Goal: a machine that stops between write and sync loses the batch; nobody saw it before.
  @Test func losesWhatWasNotSynced() throws {
    let crash = Mutex<(@Sendable () -> Void)?>(nil)
    let disk = MemoryDisk { crash.withLock { $0 }?() }
    let store = try disk.open()
    try store.append(Sample.rows(from: 0, count: 3))
    crash.withLock { crash in
      crash = {
        #expect((try? store.entryCount()) == 3)
        disk.crash()
      }
    }
    #expect(throws: StoreError.closed) { try store.append(Sample.rows(from: 3, count: 1)) }
    #expect(throws: StoreError.closed) { try store.entryCount() }
    crash.withLock { $0 = nil }
    let reopened = try disk.open()
    #expect(try reopened.entryCount() == 3)
    try reopened.append(Sample.rows(from: 3, count: 2))
    #expect(try Sample.problems(of: reopened).isEmpty)
  }

  @Test func isFullUntilThereIsRoom() throws {
    let disk = MemoryDisk(roomBytes: 1_000)
    let store = try disk.open()
    let rows = Sample.rows(from: 0, count: 50)
    let error = #expect(throws: StoreError.self) { try store.append(rows) }
    #expect(error?.remedy == .retrySameBytes)
    #expect(try store.entryCount() == 0)
    disk.add(roomBytes: 100_000)
    try store.append(rows)
    #expect(try Sample.problems(of: store).isEmpty)
  }

  /// Goal: a row that is missing is told, not skipped.
  @Test func noticesMissingRows() throws {
    let disk = MemoryDisk()
    let store = try disk.open()
    try store.append(Sample.rows(from: 0, count: 700))
    let rows = disk.durableRows
    #expect(rows.count == 3)
    disk.overwrite(with: [rows[0], rows[2]])
    let asked = [rows[0].first, rows[1].first]
    for sequence in asked {
      let error = #expect(throws: StoreError.self) {
        try store.rows(from: sequence, rowsMax: 5)
      }
      #expect(error?.code == "storage_corrupt")
    }
  }
}
