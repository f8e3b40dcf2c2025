import FoundationEssentials
public import LedgerModel
import LedgerSchema
import SwiftProtobuf

extension Instruction {
  /// The one encoding, which parties sign and the log keeps.
  ///
  /// - Source: docs/formats/instruction.md.
  public var canonicalBytes: [UInt8] {
    var message = Specie_V1_Instruction()
    message.id = id.value.data
    message.purpose = purpose.text
    message.channel = channel.text
    message.reference = reference.text
    if let document { message.document = document.value.data }
    message.operation = operation.message
    return Canonical.encode(message)
  }
}

extension Operation {
  var message: Specie_V1_Instruction.OneOf_Operation {
    switch self {
    case .admitParticipant(let order): .admitParticipant(order.message)
    case .suspendParticipant(let order):
      .suspendParticipant(
        .with {
          $0.participant = order.participant.text
          $0.legalReference = order.legalReference.text
        })
    case .reinstateParticipant(let order):
      .reinstateParticipant(
        .with {
          $0.participant = order.participant.text
          $0.legalReference = order.legalReference.text
        })
    case .registerKey(let order):
      .registerKey(
        .with {
          $0.party = order.party.description
          $0.key = order.key.message
          $0.validFrom = order.validFrom.microseconds
          $0.validUntil = order.validUntil?.microseconds ?? 0
        })
    case .rotateKey(let order):
      .rotateKey(
        .with {
          $0.party = order.party.description
          $0.oldKey = order.oldKey.message
          $0.newKey = order.newKey.message
          $0.overlapUntil = order.overlapUntil.microseconds
        })
    case .suspendKey(let order):
      .suspendKey(
        .with {
          $0.party = order.party.description
          $0.key = order.key.message
        })
    case .reinstateKey(let order):
      .reinstateKey(
        .with {
          $0.party = order.party.description
          $0.key = order.key.message
        })
    case .revokeKey(let order):
      .revokeKey(
        .with {
          $0.party = order.party.description
          $0.key = order.key.message
        })
    case .replaceOfficers(let keys): .replaceOfficers(.with { $0.keys = keys.map(\.message) })
    case .registerCertificate(let order):
      .registerCertificate(
        .with {
          $0.reader = order.reader.description
          $0.spkiSha256 = order.certificate.value.data
          $0.validFrom = order.validFrom.microseconds
          $0.validUntil = order.validUntil?.microseconds ?? 0
        })
    case .revokeCertificate(let order):
      .revokeCertificate(
        .with {
          $0.reader = order.reader.description
          $0.spkiSha256 = order.certificate.value.data
        })
    case .openWallet(let order):
      .openWallet(
        .with {
          $0.wallet = order.wallet.value.data
          $0.owner = order.owner.value.data
          $0.currency = order.currency.description
          $0.tier = order.tier.text
        })
    case .setWalletTier(let wallet, let tier):
      .setWalletTier(
        .with {
          $0.wallet = wallet.value.data
          $0.tier = tier.text
        })
    case .closeWallet(let wallet): .closeWallet(.with { $0.wallet = wallet.value.data })
    case .freeze(let order): .freeze(order.message)
    case .unfreeze(let target, let legalReference):
      .unfreeze(
        .with {
          $0.legalReference = legalReference.text
          switch target {
          case .account(let account): $0.target = .account(account.value.data)
          case .participant(let id): $0.target = .participant(id.text)
          }
        })
    case .issue(let order):
      .issue(
        .with {
          $0.payee = order.payee.value.data
          $0.amount = order.amount
          $0.currency = order.currency.description
          $0.rtgsReference = order.rtgsReference.text
        })
    case .redeem(let order):
      .redeem(
        .with {
          $0.payer = order.payer.value.data
          $0.amount = order.amount
          $0.currency = order.currency.description
          $0.rtgsReference = order.rtgsReference.text
        })
    case .settle(let order): .settle(order.message)
    case .fund(let order): .fund(order.message)
    case .pay(let order): .pay(order.message)
    case .cashOut(let order): .cashOut(order.message)
    case .setParticipantAttribute(let order):
      .setParticipantAttribute(
        .with {
          $0.participant = order.participant.text
          $0.currency = order.currency.description
          $0.name = order.name.text
          $0.word = order.value.word
          $0.amount = order.value.amount
        })
    case .setWalletAttribute(let order):
      .setWalletAttribute(
        .with {
          $0.wallet = order.wallet.value.data
          $0.name = order.name.text
          $0.word = order.value.word
          $0.amount = order.value.amount
        })
    case .linkAccount(let wallet, let account):
      .linkAccount(
        .with {
          $0.wallet = wallet.value.data
          $0.account = account?.value.data ?? Data()
        })
    case .listPayee(let order): .listPayee(order.message)
    case .unlistPayee(let order): .unlistPayee(order.message)
    case .recordEvent(let event, let wallet):
      .recordEvent(
        .with {
          $0.wallet = wallet.value.data
          $0.event = event.text
        })
    case .activateRuleSet(let order):
      .activateRuleSet(
        .with {
          $0.ruleSet = Data(order.ruleSet.canonicalBytes)
          $0.source = Data(order.source)
          $0.from = order.from?.microseconds ?? 0
          $0.shadow = order.inShadow
        })
    case .withdrawRuleSet(let order):
      .withdrawRuleSet(
        .with {
          $0.currency = order.currency.description
          $0.pack = order.version.pack.text
          $0.version = UInt32(clamping: order.version.version)
        })
    case .confirmClock(let instant): .confirmClock(.with { $0.instant = instant.microseconds })
    }
  }
}

extension AdmitParticipant {
  var message: Specie_V1_AdmitParticipant {
    .with {
      $0.participant = participant.text
      $0.name = name.text
      $0.keys = keys.map(\.message)
      $0.settlementAccounts = settlementAccounts.map { account in
        .with {
          $0.account = account.account.value.data
          $0.currency = account.currency.description
        }
      }
    }
  }
}

extension AttributeValue {
  fileprivate var word: String { if case .word(let word) = self { word.text } else { "" } }

  fileprivate var amount: UInt64 { if case .amount(let amount) = self { amount } else { 0 } }
}

extension PayeeOfWallet {
  fileprivate var message: Specie_V1_PayeeOfWallet {
    .with {
      $0.wallet = wallet.value.data
      $0.payee = payee.value.data
    }
  }
}

extension Freeze {
  var message: Specie_V1_Freeze {
    .with {
      $0.legalReference = legalReference.text
      $0.credits =
        switch credits {
        case .accepted: .accepted
        case .refused: .refused
        }
      switch target {
      case .account(let account): $0.target = .account(account.value.data)
      case .participant(let id): $0.target = .participant(id.text)
      }
    }
  }
}

extension Transfer {
  var message: Specie_V1_Transfer {
    .with {
      $0.payer = payer.value.data
      $0.payee = payee.value.data
      $0.amount = amount
      $0.currency = currency.description
    }
  }
}
