/// Parties, institutions and accounts: those that the ledger maps, and those that it only carries.
extension Shape {
  /// PostalAddress24.
  static let address: Shape = [
    "AdrTp?": .oneOf([
      "Cd": .code("ADDR", "PBOX", "HOME", "BIZZ", "MLTO", "DLVY"),
      "Prtry": ["Id": .value(.alphanumeric4), "Issr": .text(35), "SchmeNm?": .text(35)],
    ]),
    "Dept?": .text(70), "SubDept?": .text(70), "StrtNm?": .text(70), "BldgNb?": .text(16),
    "BldgNm?": .text(35), "Flr?": .text(70), "PstBx?": .text(16), "Room?": .text(70),
    "PstCd?": .text(16), "TwnNm?": .text(35), "TwnLctnNm?": .text(35), "DstrctNm?": .text(35),
    "CtrySubDvsn?": .text(35), "Ctry?": .value(.country), "AdrLine*7": .text(70),
  ]

  /// Contact4.
  static let contact: Shape = [
    "NmPrfx?": .code("DOCT", "MADM", "MISS", "MIST", "MIKS"), "Nm?": .text(140),
    "PhneNb?": .value(.phone), "MobNb?": .value(.phone), "FaxNb?": .value(.phone),
    "EmailAdr?": .text(2_048), "EmailPurp?": .text(35), "JobTitl?": .text(35),
    "Rspnsblty?": .text(35), "Dept?": .text(70),
    "Othr*": ["ChanlTp": .text(4), "Id?": .text(128)],
    "PrefrdMtd?": .code("LETT", "MAIL", "PHON", "FAXX", "CELL"),
  ]

  /// A code of an external set of up to four characters, or a word of the sender's own.
  static let codeOrOwn = Shape.oneOf(["Cd": .text(4), "Prtry": .text(35)])

  /// GenericOrganisationIdentification1, and the same for persons and institutions.
  static let otherIdentification: Shape = [
    "Id": .text(35), "SchmeNm?": codeOrOwn, "Issr?": .text(35),
  ]

  /// PartyIdentification135: anybody, whom the ledger only carries.
  static let party: Shape = [
    "Nm?": .text(140), "PstlAdr?": address,
    "Id?": .oneOf([
      "OrgId": [
        "AnyBIC?": .value(.bic), "LEI?": .value(.lei), "Othr*": otherIdentification,
      ],
      "PrvtId": [
        "DtAndPlcOfBirth?": [
          "BirthDt": .value(.date), "PrvcOfBirth?": .text(35), "CityOfBirth": .text(35),
          "CtryOfBirth": .value(.country),
        ],
        "Othr*": otherIdentification,
      ],
    ]),
    "CtryOfRes?": .value(.country), "CtctDtls?": contact,
  ]

  /// BranchAndFinancialInstitutionIdentification6, of which the member is what is said.
  static func institution(_ member: Particle) -> Shape {
    .sequence([
      Particle(
        "FinInstnId",
        .sequence([
          Particle("BICFI?", .value(.bic)), member, Particle("LEI?", .value(.lei)),
          Particle("Nm?", .text(140)), Particle("PstlAdr?", address),
          Particle("Othr?", otherIdentification),
        ])),
      Particle(
        "BrnchId?",
        ["Id?": .text(35), "LEI?": .value(.lei), "Nm?": .text(140), "PstlAdr?": address]),
    ])
  }

  private static func member(_ code: ValueForm) -> Particle {
    Particle(
      "ClrSysMmbId",
      ["ClrSysId": .oneOf(["Prtry": .code(Scheme.clearingSystem)]), "MmbId": .value(code)])
  }

  /// A participant, by its code.
  static let participant = institution(member(.participant))

  /// The ledger itself.
  static let ledger = institution(member(.code([Scheme.ledger])))

  /// Any institution, which the ledger only carries.
  static let anyInstitution = institution(
    Particle(
      "ClrSysMmbId?",
      ["ClrSysId?": .oneOf(["Cd": .text(5), "Prtry": .text(35)]), "MmbId": .text(35)]))

  /// CashAccount38, by the id of an account of this ledger.
  static let account: Shape = [
    "Id": .oneOf([
      "Othr": [
        "Id": .value(.account), "SchmeNm?": .oneOf(["Prtry": .code(Scheme.clearingSystem)]),
        "Issr?": .text(35),
      ]
    ]),
    "Tp?": codeOrOwn, "Ccy?": .value(.currency), "Nm?": .text(70),
    "Prxy?": .refused("the ledger does not resolve proxies"),
  ]
}
