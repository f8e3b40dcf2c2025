import ProgramTesting
import Testing

extension EndToEnd {
  /// What commands say and keep where the server's answer does not come, or is false.
  @Suite struct LostAnswerTests {
    private static func scene() async throws -> ProxiedServer {
      try await ProxiedServer.make(
        port: 17_177,
        preparation: """
          specie key new icbc.key
          specie participant admit icbc --name "Bank of China" --public-key icbc.key \
            --settlement-account CNY $officers
          """)
    }

    /// Goal: an order whose answer is lost can be asked for and sent again, and is executed once.
    ///
    /// Method: a proxy hands the order on and keeps the answer; the command is interrupted, and
    /// repeated with the options that it printed.
    @Test func keepsTheIdOfAnInterruptedOrder() async throws {
      let scene = try await Self.scene()
      defer { scene.end() }
      let output = try scene.shell(
        """
        proxy
        issue="issue icbc 5.00 CNY --rtgs-reference R-1 $officers"
        "\(CrashTests.program)" $issue --server $url >out 2>err &
        command=$!
        held
        kill -INT $command
        wait $command
        echo "code $?"
        cat err
        id=$(sed -n 's/.*specie status \\([0-9a-f-]*\\).*/\\1/p' err)
        specie status $id
        specie $issue $(sed -n 's/.*the same command with //p' err)
        specie supply
        """)
      #expect(output.contains("code 130"), "\(output)")
      #expect(output.contains("sending 1 order, id "), "\(output)")
      #expect(output.contains(" --server http://127.0.0.1:"), "\(output)")
      #expect(output.contains("accepted\nentry 4, ordered by issuer at "), "\(output)")
      #expect(output.contains("(a duplicate; first decided at entry 4)"), "\(output)")
      #expect(output.contains("issued       5.00 CNY"), "\(output)")
    }

    /// Goal: a batch keeps the outcomes that came and the ids of what is not known, and the file
    /// sent again with these ids pays nothing twice.
    @Test func keepsWhatIsKnownOfAnInterruptedBatch() async throws {
      let scene = try await Self.scene()
      defer { scene.end() }
      let output = try scene.shell(
        """
        wallets="11111111-1111-4111-8111-111111111111 22222222-2222-4222-8222-222222222222"
        for wallet in $wallets; do
          specie wallet open CNY wl1 --wallet $wallet --as icbc --key icbc.key >/dev/null || exit 9
        done
        specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers
        echo operation,payee,amount,currency >funds.csv
        for number in 1 2 3 4 5; do
          echo fund,11111111-1111-4111-8111-111111111111,$number.00,CNY >>funds.csv
        done
        proxy --answered 1
        "\(CrashTests.program)" batch funds.csv --as icbc --key icbc.key --size 2 \
          --results results.csv --server $url >out 2>err &
        command=$!
        held
        kill -TERM $command
        wait $command
        echo "code $?"
        cat err results.csv
        { echo id,operation,payee,amount,currency
          for number in 1 2 3 4 5; do
            id=$(sed -n "s/^$((number + 1)),\\([^,]*\\),.*/\\1/p" results.csv | tail -1)
            echo $id,fund,11111111-1111-4111-8111-111111111111,$number.00,CNY
          done; } >again.csv
        specie batch again.csv --as icbc --key icbc.key
        specie account 11111111-1111-4111-8111-111111111111
        """)
      #expect(output.contains("code 143"), "\(output)")
      #expect(output.contains("what became of 2 orders is not known"), "\(output)")
      #expect(output.contains("  line 4: specie status "), "\(output)")
      #expect(output.contains("funds.csv: lines 6 to 6 were not sent"), "\(output)")
      #expect(output.contains("line,id,outcome,code,rule,sequence,remarks\n2,"), "\(output)")
      #expect(output.matches(of: /\n[23],[0-9a-f-]+,accepted,,,\d+/).count == 2, "\(output)")
      #expect(output.matches(of: /\n[2345],[0-9a-f-]+,sent,,,/).count == 4, "\(output)")
      #expect(output.contains("5 accepted, 0 refused, 4 of them duplicates"), "\(output)")
      #expect(output.contains("balance    15.00 CNY"), "\(output)")
    }

    /// Goal: an order that the server did not take is told as that, and not as one that may be.
    @Test func saysThatNothingWasTaken() async throws {
      let scene = try await Self.scene()
      defer { scene.end() }
      let output = try scene.shell(
        "specie issue icbc 5.00 CNY --rtgs-reference R-1 --key icbc.key", expecting: 1)
      #expect(output.contains("nothing was taken of what was sent just now"), "\(output)")
      #expect(output.contains("(`signer_unknown`, 403)"), "\(output)")
      #expect(!output.contains("what became of"), "\(output)")
    }

    /// Goal: a settlement account is believed by the entry of the bank's admission alone.
    @Test func refusesAFalseSettlementAccount() async throws {
      let scene = try await Self.scene()
      defer { scene.end() }
      let output = try scene.shell(
        """
        account=$(specie participant list | sed -n 's/.*settlement account \\([0-9a-f-]*\\):.*/\\1/p')
        proxy --replace $account 33333333-3333-4333-8333-333333333333
        specie issue icbc 5.00 CNY --rtgs-reference R-1 $officers \
          --server $url
        echo "code $?"
        specie participant list
        """)
      #expect(output.contains("not to be believed"), "\(output)")
      #expect(output.contains("33333333-3333-4333-8333-333333333333` of `icbc`, and entry 2"))
      #expect(output.contains("code 1"), "\(output)")
      // The bank's name turns no writing direction, and begins no line.
      #expect(output.contains("icbc  Bank of China"), "\(output)")
    }

    /// Goal: digits given at the command line may not differ from the genesis where a server is
    /// reached, and a server that goes back behind the kept checkpoint is noticed.
    @Test func believesTheGenesisAndTheKeptCheckpoint() async throws {
      let scene = try await Self.scene()
      defer { scene.end() }
      let issue =
        "issue icbc 5 CNY --rtgs-reference R-1 $officers"
      let digits = try scene.shell("specie \(issue) --currency-digits CNY:0", expecting: 2)
      #expect(digits.contains("--currency-digits gives CNY 0 digits"), "\(digits)")
      #expect(scene.server.stop() == 0)
      _ = try scene.shell("cp -r ledger old")
      try scene.server.serve()
      let ready = Sender(url: scene.server.url)
      try await ready.waitUntilReady()
      let newer = try scene.shell(
        "specie \(issue) --checkpoint kept && specie supply --checkpoint kept")
      #expect(newer.contains("issued       5.00 CNY"), "\(newer)")
      #expect(scene.server.stop() == 0)
      _ = try scene.shell("rm -r ledger && mv old ledger")
      try scene.server.serve()
      try await ready.waitUntilReady()
      try await ready.close()
      let older = try scene.shell("specie supply --checkpoint kept", expecting: 1)
      #expect(
        older.contains("a checkpoint of size `5` was seen before, and now one of"), "\(older)")
      let other = try scene.shell("echo x >bad; specie supply --checkpoint bad", expecting: 1)
      #expect(other.contains("`bad`: the checkpoint kept there is not of the log"), "\(other)")
      let unwritable = try scene.shell("specie supply --checkpoint missing/kept")
      #expect(unwritable.contains("warning: the newest checkpoint is not kept"), "\(unwritable)")
    }
  }
}
