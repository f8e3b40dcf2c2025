import Foundation
import GRDB
import ProgramTesting

/// What others do on the same machine, in the same run: transfers between accounts, durable, with
/// no signature, no limit and no proof.
struct Peers {
  /// PostgreSQL, a procedure call a transfer, transfers a second.
  var procedures = 0.0
  /// PostgreSQL, set-based batches of 8,000.
  var postgresqlBatches = 0.0
  /// SQLite, a table of accounts, 8,000 transfers a transaction.
  var accountTable = 0.0

  /// - Parameters:
  ///   - script: `Benchmarks/postgresql/measure`.
  ///   - folder: Where SQLite's file goes.
  ///   - accounts: How many, each.
  ///   - seconds: How long each is measured.
  /// - Returns: What each reached.
  /// - Throws: Where the script fails, or prints what is no figure.
  static func measure(
    script: String, in folder: String, accounts: Int, seconds: Int
  ) throws -> Peers {
    var peers = Peers()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments = [String(accounts), String(seconds)]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(
      decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let rate = Double(words[1]) else { continue }
      if words[0] == "procedure" { peers.procedures = rate }
      if words[0] == "batches" { peers.postgresqlBatches = rate }
    }
    guard process.terminationStatus == 0, peers.procedures > 0, peers.postgresqlBatches > 0 else {
      throw ProgramError("PostgreSQL was not measured: `\(script)` printed `\(output)`")
    }
    peers.accountTable = try accountTable(
      at: folder + "/accounts.sqlite", accounts: accounts, seconds: Double(seconds))
    return peers
  }

  private static func accountTable(
    at path: String, accounts: Int, seconds: Double
  ) throws -> Double {
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
    try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
          CREATE TABLE transfer (id INTEGER PRIMARY KEY, payer INTEGER NOT NULL,
            payee INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT;
          """)
      let insert = try database.makeStatement(sql: "INSERT INTO account VALUES (?, 1000000000)")
      for id in 0..<accounts { try insert.execute(arguments: [id]) }
    }
    var count = 0
    let start = ContinuousClock.now
    while secondsPassed(since: start) < seconds {
      try queue.write { database in
        let debit = try database.cachedStatement(
          sql: "UPDATE account SET balance = balance - ? WHERE id = ? AND balance >= ?")
        let credit = try database.cachedStatement(
          sql: "UPDATE account SET balance = balance + ? WHERE id = ?")
        let insert = try database.cachedStatement(
          sql: "INSERT INTO transfer (payer, payee, amount) VALUES (?, ?, ?)")
        for _ in 0..<8_000 {
          let payer = Int.random(in: 0..<accounts)
          let payee = (payer + Int.random(in: 1..<accounts)) % accounts
          let amount = Int.random(in: 1...100)
          try debit.execute(arguments: [amount, payer, amount])
          try credit.execute(arguments: [amount, payee])
          try insert.execute(arguments: [payer, payee, amount])
        }
      }
      count += 8_000
    }
    return Double(count) / secondsPassed(since: start)
  }
}
