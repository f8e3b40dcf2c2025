internal import Foundation
internal import GRDB
package import LedgerModel
package import LedgerStorage

/// The index of instructions and of accounts' entries in an SQLite file of its own.
///
/// It syncs now and then only (`synchronous` is NORMAL): what power takes away is a tail, and
/// ``reach()`` says from where to add it again.
package final class SQLiteLogIndex: LogIndex {
  private let file: SQLiteFile

  /// Opens an existing index; who calls it holds the ledger's lock.
  init(openingAt path: String) throws(StoreError) {
    file = try SQLiteFile(
      openingAt: path, as: .index, pragmas: ["synchronous = NORMAL", "cache_size = -65536"])
  }

  /// Opens an index for reading, without writing a byte anywhere; who calls it holds a shared lock
  /// on the ledger or knows that it is a copy.
  init(readingAt path: String) throws(StoreError) {
    file = try SQLiteFile(readingAt: path, as: .index)
  }

  package func reach() throws(StoreError) -> IndexReach {
    try file.read { try Self.reach($0) }
  }

  package func add(
    _ instructions: [IndexedInstruction], marks: [TrailMark], reaching reach: IndexReach
  ) throws(StoreError) {
    try file.write { database in
      try checkAddition(instructions, marks: marks, reaching: reach, from: Self.reach(database))
      for mark in marks {
        try database.cachedStatement(
          sql: "INSERT INTO marks (account, entry) VALUES (?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [Data(mark.account.value.bytes), Int64(mark.sequence.value)])
      }
      var records = try Self.records(of: instructions, in: database)
      records.sort()
      var start = 0
      while start < records.count {
        let places = InstructionRun.places(of: records[start].id)
        var end = start + 1
        while end < records.count, end - start < InstructionRun.instructionsMax,
          InstructionRun.places(of: records[end].id) == places
        {
          end += 1
        }
        try Self.insert(records[start..<end], at: places, in: database)
        start = end
      }
      try database.execute(
        sql: """
          INSERT INTO reach (one, entries, head) VALUES (1, ?, ?)
          ON CONFLICT (one) DO UPDATE SET entries = excluded.entries, head = excluded.head
          """, arguments: [Int64(reach.entryCount), Data(reach.head.bytes)])
    }
  }

  package func mark(
    of account: AccountID, from sequence: SequenceNumber
  ) throws(StoreError) -> SequenceNumber? {
    guard let sequence = Int64(exactly: sequence.value) else { return nil }
    return try file.read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT min(entry) FROM marks WHERE account = ? AND entry >= ?")
      let entry = try Int64.fetchOne(
        statement, arguments: [Data(account.value.bytes), sequence])
      return entry.flatMap { UInt64(exactly: $0) }.map { SequenceNumber($0) }
    }
  }

  package func sequence(
    party: Party, id: InstructionID
  ) throws(StoreError) -> SequenceNumber? {
    try sequences(id: id, party: party).first?.sequence
  }

  package func sequences(
    id: InstructionID
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)] {
    try sequences(id: id, party: nil)
  }

  /// The first entry of each party's instruction of that id, or of one party's.
  private func sequences(
    id: InstructionID, party: Party?
  ) throws(StoreError) -> [(party: Party, sequence: SequenceNumber)] {
    try file.read { database in
      var firsts: [UInt32: UInt64] = [:]
      for record in try Self.records(of: id.value, in: database) {
        firsts[record.party] = min(firsts[record.party] ?? record.sequence, record.sequence)
      }
      var found: [(party: Party, sequence: SequenceNumber)] = []
      for (number, sequence) in firsts {
        let owner = try Self.party(number, in: database)
        if party == nil || owner == party { found.append((owner, SequenceNumber(sequence))) }
      }
      found.sort {
        $0.party.description.utf8.lexicographicallyPrecedes($1.party.description.utf8)
      }
      return Array(found.prefix(StorageLimits.partiesPerIDMax))
    }
  }

  package func page(from place: Int64) throws(StoreError) -> IndexPage {
    try file.read { database in
      let cursor = try Row.fetchCursor(
        database.cachedStatement(
          sql: """
            SELECT place, least, greatest, instructions FROM runs
            WHERE place >= ? ORDER BY place LIMIT \(StorageLimits.runsPerPage)
            """), arguments: [place])
      var page = IndexPage()
      var expected = place
      let parties = try Self.parties(in: database)
      while let row = try cursor.next() {
        guard let place = Int64.fromDatabaseValue(row[0]),
          let least = Data.fromDatabaseValue(row[1]).flatMap({ Bytes16($0) }),
          let greatest = Data.fromDatabaseValue(row[2]).flatMap({ Bytes16($0) }),
          let bytes = Data.fromDatabaseValue(row[3])
        else { throw StoreError.corrupt(detail: "a run of the index has no valid fields") }
        // A damaged tree may have rows that lead back, and to go through all would never end.
        guard place >= expected else {
          throw StoreError.corrupt(detail: "the runs of the index are not in order")
        }
        page.next = place < .max ? place + 1 : nil
        expected = page.next ?? .max
        guard try Self.isFound(place, in: database), least <= greatest else { continue }
        for record in InstructionRun.found(in: [UInt8](bytes), at: place, within: least...greatest)
        {
          guard let party = parties[record.party], let id = InstructionID(record.id) else {
            continue
          }
          page.instructions.append(
            IndexedInstruction(
              party: party, id: id, sequence: SequenceNumber(record.sequence)))
        }
      }
      return page
    }
  }

  package func removeAll() throws(StoreError) {
    try file.write { database in
      try database.execute(
        sql: "DELETE FROM runs; DELETE FROM parties; DELETE FROM marks; DELETE FROM reach")
    }
  }

  package func close() throws(StoreError) { try file.close() }

  private static func reach(_ database: Database) throws -> IndexReach {
    let statement = try database.cachedStatement(sql: "SELECT entries, head FROM reach")
    guard let row = try Row.fetchOne(statement) else { return .nothing }
    guard let entries = Int64.fromDatabaseValue(row[0]).flatMap({ UInt64(exactly: $0) }),
      let head = Data.fromDatabaseValue(row[1]).flatMap({ Bytes32($0) })
    else { throw StoreError.corrupt(detail: "the index does not say how far it reaches") }
    return IndexReach(entryCount: entries, head: head)
  }

  private static func records(
    of instructions: [IndexedInstruction], in database: Database
  ) throws -> [InstructionRun.Record] {
    var numbers: [Party: UInt32] = [:]
    var records: [InstructionRun.Record] = []
    records.reserveCapacity(instructions.count)
    for instruction in instructions {
      let party: UInt32
      if let known = numbers[instruction.party] {
        party = known
      } else {
        party = try number(of: instruction.party, in: database)
        numbers[instruction.party] = party
      }
      records.append(
        InstructionRun.Record(
          id: instruction.id.value, party: party, sequence: instruction.sequence.value))
    }
    return records
  }

  /// The number by which runs name a party, which is new the first time.
  private static func number(of party: Party, in database: Database) throws -> UInt32 {
    let text = party.description
    try database.execute(
      sql: """
        INSERT INTO parties (number, party)
        VALUES ((SELECT coalesce(max(number) + 1, 0) FROM parties), ?)
        ON CONFLICT (party) DO NOTHING
        """, arguments: [text])
    let number = try Int64.fetchOne(
      database, sql: "SELECT number FROM parties WHERE party = ?", arguments: [text])
    guard let number = number.flatMap({ UInt32(exactly: $0) }) else {
      throw StoreError.corrupt(detail: "the index has no number for party `\(text)`")
    }
    return number
  }

  private static func party(_ number: UInt32, in database: Database) throws -> Party {
    let text = try String.fetchOne(
      database, sql: "SELECT party FROM parties WHERE number = ?", arguments: [number])
    do {
      guard let text else {
        throw StoreError.corrupt(detail: "the index has no party of number \(number)")
      }
      return try Party(text)
    } catch let error as NameError {
      throw StoreError.corrupt(detail: "the index names a party that cannot be: \(error)")
    }
  }

  /// The parties that runs can name, by number.
  private static func parties(in database: Database) throws -> [UInt32: Party] {
    let cursor = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT number, party FROM parties"))
    var parties: [UInt32: Party] = [:]
    while let row = try cursor.next() {
      guard let number = Int64.fromDatabaseValue(row[0]).flatMap({ UInt32(exactly: $0) }),
        let text = String.fromDatabaseValue(row[1]), let party = try? Party(text)
      else { continue }
      parties[number] = party
    }
    return parties
  }

  private static func insert(
    _ records: ArraySlice<InstructionRun.Record>, at places: ClosedRange<Int64>,
    in database: Database
  ) throws {
    let newest = try Int64.fetchOne(
      database.cachedStatement(
        sql: "SELECT max(place) FROM runs WHERE place BETWEEN ? AND ?"),
      arguments: [places.lowerBound, places.upperBound])
    let place = newest.map { $0 + 1 } ?? places.lowerBound
    guard places.contains(place), let first = records.first, let last = records.last else {
      throw StoreError.invalid(detail: "the index has no place for more runs of one period")
    }
    try database.cachedStatement(
      sql: "INSERT INTO runs (place, least, greatest, instructions) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [
      place, Data(first.id.bytes), Data(last.id.bytes), Data(InstructionRun.encode(records)),
    ])
  }

  /// Whether a run is found by its place, and not only where all are gone through.
  private static func isFound(_ place: Int64, in database: Database) throws -> Bool {
    let statement = try database.cachedStatement(sql: "SELECT 1 FROM runs WHERE place = ?")
    return try Int.fetchOne(statement, arguments: [place]) != nil
  }

  private static func records(
    of id: Bytes16, in database: Database
  ) throws -> [InstructionRun.Record] {
    let places = InstructionRun.places(of: id)
    let bytes = Data(id.bytes)
    let statement = try database.cachedStatement(
      sql: """
        SELECT instructions FROM runs
        WHERE place BETWEEN ? AND ? AND least <= ? AND greatest >= ?
        """)
    let runs = try Data.fetchAll(
      statement, arguments: [places.lowerBound, places.upperBound, bytes, bytes])
    return runs.flatMap { InstructionRun.records(of: id, in: [UInt8]($0)) }
  }
}
