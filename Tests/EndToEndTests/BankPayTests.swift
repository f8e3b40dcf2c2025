import Testing

extension EndToEnd {
  /// Goal: a treasurer's file is paid once, by the shipped program against its server, whatever
  /// happens to either client, and by whichever client goes on.
  @Suite struct BankPayTests {
    private static let payer = "11111111-1111-4111-8111-111111111111"
    private static let payee = "22222222-2222-4222-8222-222222222222"

    private static let payments = """
      payer,payee,amount,reference,purpose
      \(payer),\(payee),1.00,one,SALA
      \(payer),\(payee),2.50,two,
      \(payer),\(payee),1000.00,too much,
      \(payer),\(payee),1.00,one,SALA
      \(payer),\(payee),4.25,,

      """

    /// A server with a bank, two wallets, of which the first has money, and files to pay.
    private struct Scene {
      private let served: ProxiedServer

      static func make(ledger options: [String] = []) async throws -> Scene {
        Scene(
          served: try await ProxiedServer.make(
            port: 17_193, ledger: options,
            preparation: """
              bank="--as icbc --key icbc.key"
              specie key new icbc.key
              specie participant admit icbc --name ICBC --public-key icbc.key \
                --settlement-account CNY $officers
              specie issue icbc 100.00 CNY --rtgs-reference R-1 $officers
              for wallet in \(payer) \(payee); do
                specie wallet open CNY wl1 --wallet $wallet $bank
              done
              specie fund \(payer) 20.00 CNY $bank
              cat >payments.csv <<'END'
              \(payments)END
              """))
      }

      func end() { served.end() }

      func shell(_ script: String) throws -> String {
        try served.shell(
          """
          pay() { specie bank pay --as icbc --key icbc.key --size 2 "$@" </dev/null; }
          python="\(CrashTests.repository)/.venv/bin/python"

          """ + script)
      }
    }

    @Test func paysAFileOnce() async throws {
      let scene = try await Scene.make()
      defer { scene.end() }
      let output = try scene.shell(
        """
        pay --file payments.csv; echo "code $?"
        ls payments.csv*
        pay --file payments.csv --yes; echo "code $?"
        cat payments.csv.result.csv
        pay --file payments.csv --json >again.json; echo "code $?"
        jq -c '[.payments, .accepted, .refused, .open, .paid]' again.json
        specie account \(Self.payee)
        sed -i 's/4.25/5.25/' payments.csv
        pay --file payments.csv --yes; echo "code $?"
        """)
      for text in [
        "payments.csv: 5 payments, together 1,008.75 CNY\n1 payer:\n  \(Self.payer)  1,008.75 CNY",
        "1 row the same as an earlier one",
        "give --yes to pay it\ncode 2\npayments.csv\n",
        "5 payments: 4 accepted, 1 refused\npaid 8.75 CNY; 5 outcomes proven in the log",
        "  row 3: insufficient_funds: ",
        "each payment's outcome is in /", "/payments.csv.result.csv\ncode 4",
        "payer,payee,amount,reference,purpose,id,outcome,code,rule,pack,message,sequence,proven\n",
        "code 4\n[5,4,1,0,\"8.75\"]\n", "balance    8.75 CNY",
        "its `file_sha256` is ", "another name\ncode 1",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
      #expect(!output.contains("Pay it?"), "\(output)")
    }

    /// A client that is killed while its submission is at the server, and one that is interrupted:
    /// the next run asks, and pays nothing twice.
    @Test func goesOnAfterAKill() async throws {
      let scene = try await Scene.make()
      defer { scene.end() }
      for (number, signal) in ["KILL", "INT"].enumerated() {
        let output = try scene.shell(
          """
          cp payments.csv \(signal).csv
          proxy --answered 1
          "\(CrashTests.program)" bank pay --file \(signal).csv --as icbc --key icbc.key --size 2 \
            --yes --server $url </dev/null >out 2>err &
          command=$!
          held
          kill -\(signal) $command
          wait $command
          echo "code $?"
          cat err
          grep -c '"order"' \(signal).csv.journal
          pay --file \(signal).csv --yes; echo "code $?"
          grep -c '"order"' \(signal).csv.journal
          specie account \(Self.payee)
          """)
        #expect(output.contains(signal == "KILL" ? "code 137" : "code 130"), "\(output)")
        #expect(output.contains("paid before: 2 accepted, 0 refused, 3 open"), "\(output)")
        #expect(output.contains("5 payments: 4 accepted, 1 refused"), "\(output)")
        #expect(output.matches(of: /\n5\n/).count == 2, "no order is issued anew: \(output)")
        #expect(output.contains("balance    \(number == 0 ? "8.75" : "17.50") CNY"), "\(output)")
        if signal == "INT" {
          #expect(output.contains("run the same command again"), "\(output)")
        }
      }
    }

    /// What was paid under one name is not paid under another, nor by two runs, and a journal
    /// that cannot be seen is not none.
    @Test func paysAFileOnceByWhateverName() async throws {
      let scene = try await Scene.make()
      defer { scene.end() }
      let output = try scene.shell(
        """
        cp payments.csv pay2.csv
        pay --file pay2.csv --yes >first 2>&1; echo "first code $?"
        ln -s pay2.csv today.csv
        pay --file today.csv --yes; echo "link code $?"
        ls *.journal*
        rm pay2.csv.result.csv
        mkdir pay2.csv.result.csv
        pay --file pay2.csv --yes; echo "results code $?"
        cp payments.csv dangling.csv
        ln -s nowhere dangling.csv.journal
        pay --file dangling.csv --yes; echo "dangling code $?"
        cp payments.csv message.XML
        pay --file message.XML --currency CNY --yes; echo "message code $?"
        cp payments.csv raced.csv
        proxy --answered 0
        "\(CrashTests.program)" bank pay --file raced.csv --as icbc --key icbc.key --size 2 \
          --yes --server $url </dev/null >out 2>err &
        command=$!
        held
        cp raced.csv copy
        mv copy raced.csv
        pay --file raced.csv --yes; echo "raced code $?"
        kill -KILL $command
        wait $command
        pay --file raced.csv --yes; echo "last code $?"
        ls raced.csv*
        specie account \(Self.payee)
        """)
      for text in [
        "first code 4", "link code 4\npay2.csv.journal\n", "cannot be written: ",
        "results code 1", "it is a link that leads to no file\ndangling code 1",
        "leave out --currency\nmessage code 2",
        "another run is paying it; wait until that ends\nraced code 1",
        "last code 4\nraced.csv\nraced.csv.journal\nraced.csv.result.csv\n",
        "balance    17.50 CNY",
      ] { #expect(output.contains(text), "`\(text)` is not in \(output)") }
      #expect(output.matches(of: /5 payments: 4 accepted, 1 refused/).count == 3, "\(output)")
    }

    /// A message is due on the ledger's business day, which may have begun before UTC's.
    @Test func paysAMessageOfTheLedgersDay() async throws {
      let scene = try await Scene.make(ledger: ["--close", "00:01"])
      defer { scene.end() }
      let output = try scene.shell(
        """
        message() {
          account() { echo "<Id><Othr><Id>${1//-/}</Id></Othr></Id>"; }
          cat <<END
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
        <GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-31T23:30:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
        <InitgPty/></GrpHdr>
        <PmtInf><PmtInfId>P-1</PmtInfId><PmtMtd>TRF</PmtMtd>
        <ReqdExctnDt><Dt>$1</Dt></ReqdExctnDt>
        <Dbtr><Nm>A</Nm></Dbtr><DbtrAcct>$(account \(Self.payer))</DbtrAcct>
        <DbtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Prtry>SPECIE</Prtry></ClrSysId>
        <MmbId>icbc</MmbId></ClrSysMmbId></FinInstnId></DbtrAgt>
        <CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="CNY">1.25</InstdAmt></Amt>
        <Cdtr><Nm>B</Nm></Cdtr><CdtrAcct>$(account \(Self.payee))</CdtrAcct></CdtTrfTxInf>
        </PmtInf></CstmrCdtTrfInitn></Document>
        END
        }
        message $(date -u -d '+23 hours 59 minutes' +%F) >today.xml
        message $(date -u -d '+47 hours 59 minutes' +%F) >tomorrow.xml
        pay --file today.xml --yes; echo "today code $?"
        pay --file tomorrow.xml --yes; echo "tomorrow code $?"
        specie account \(Self.payee)
        """)
      #expect(output.contains("today code 0"), "\(output)")
      #expect(output.contains("by the ledger's business days; wait"), "\(output)")
      #expect(output.contains("tomorrow code 1"), "\(output)")
      #expect(output.contains("balance    1.25 CNY"), "\(output)")
    }

    /// Either client goes on where the other was killed.
    @Test func goesOnWhereTheOtherClientWas() async throws {
      let scene = try await Scene.make()
      defer { scene.end() }
      let output = try scene.shell(
        """
        for first in swift python; do
          cp payments.csv $first.csv
          proxy --answered 1
          if [ $first = swift ]; then
            "\(CrashTests.program)" bank pay --file $first.csv --as icbc --key icbc.key --size 2 \
              --yes --server $url </dev/null >out 2>err &
          else
            "$python" -m specie pay-file $first.csv --as icbc --key icbc.key --size 2 \
              --server $url >out 2>err &
          fi
          command=$!
          held
          kill -KILL $command
          wait $command
          kill -KILL $proxy
          if [ $first = swift ]; then
            "$python" -m specie pay-file $first.csv --as icbc --key icbc.key
            echo "python ended with $?"
          else
            pay --file $first.csv --yes; echo "swift ended with $?"
          fi
          cut -d, -f1-5,7-12 $first.csv.result.csv
          specie account \(Self.payee)
        done
        """)
      #expect(output.contains("balance    8.75 CNY"), "\(output)")
      #expect(output.contains("balance    17.50 CNY"), "\(output)")
      #expect(output.contains("swift ended with 4"), "\(output)")
      #expect(output.matches(of: /,accepted,/).count == 8, "\(output)")
      #expect(output.matches(of: /,rejected,insufficient_funds,/).count == 2, "\(output)")
    }
  }
}
