/** Request and answer types of the routes of partners. */
import { Type } from "typebox"
import { closed, doneAnswer, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { obligationShape } from "./agreements/obligation.ts"
import { bounceOutcomes } from "../mail/bounce.ts"
import { keyChangeSchema } from "@tocsin/client/key-change"
import { readinesses, certificateCharsMax } from "./keys/key.ts"
import { partnerStatuses, tiers } from "./partner.ts"
import { dutyShape, reportings } from "./reporting-duties/reporting-duties.ts"
import { requirementKinds } from "./requirements/requirement.ts"
import { partnerRoles } from "../identity/person.ts"
import { jurisdictionShape, ownerShape } from "./onboarding/due-diligence.ts"
import { measuredFacts } from "./requirements/qualification.ts"
import { type RulesKind, rulesShapes } from "./program-rules.ts"
import type { PartnerRole } from "../../kernel/actor.ts"

const approval = Type.Optional(id)

export const byMember = Type.Object({ id, person: id }, closed)

export const newPartnerAnswer = Type.Object({ id: Type.String() })

export const rosterPartnerAnswer = Type.Object({
    ...doneAnswer.properties,
    person: Type.Optional(Type.String()),
})

export const memberLinkBody = Type.Object({ urgent: Type.Optional(Type.Boolean()) }, closed)

export const newSignInLinkBody = Type.Object({ urgent: Type.Optional(Type.Boolean()), approval }, closed)

export const acceptKeyParams = Type.Object({ id, key: id }, closed)

export const acceptKeyBody = Type.Object({ atOnce: Type.Optional(Type.Boolean()), approval }, closed)

const keyEndField = Type.Optional(Type.String({ maxLength: 40 }))

export const newKeyBody = Type.Union([
    Type.Object({ recipient: Type.String({ maxLength: 2000 }), expiresAt: keyEndField }, closed),
    /** `certificate`: an armoured OpenPGP public key. */
    Type.Object({ certificate: Type.String({ maxLength: certificateCharsMax }), expiresAt: keyEndField }, closed),
])

export const newRosterAnswer = Type.Object({ person: Type.String() })

export const newAgreementAnswer = Type.Object({ ...doneAnswer.properties, version: Type.Optional(Type.Integer()) })

export const acceptAgreementBody = Type.Object({ version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) }, closed)

const nameField = Type.String({ minLength: 1, maxLength: 120 })

const mailField = Type.String({ minLength: 3, maxLength: 254 })

const tierField = Type.Enum([...tiers])

export const newPartnerBody = Type.Object(
    {
        name: nameField,
        mail: mailField,
        tier: tierField,
        status: Type.Union([Type.Literal("applicant"), Type.Literal("invited")]),
    },
    closed,
)

const rolesField = Type.Array(Type.Enum([...partnerRoles]), {
    minItems: 1,
    maxItems: 2,
})

export const rosterPartnerBody = Type.Object({ name: nameField, mail: mailField, roles: rolesField, approval }, closed)

export const newRosterBody = Type.Object({ name: nameField, mail: mailField, roles: rolesField }, closed)

const instant = Type.String()

export const newAgreementBody = Type.Object(
    {
        text: Type.String(),
        termDays: orNull(Type.Integer()),
        obligations: Type.Optional(Type.Array(obligationShape, { maxItems: 40 })),
        /** Advance consent in days; by default that of the program rules. */
        longestEmbargoDays: Type.Optional(Type.Integer()),
        /** An instant, or `at_once`. With less notice than the rules require, `seen` of the preview is needed. */
        applies: Type.Optional(Type.String({ maxLength: 40 })),
        seen: Type.Optional(Type.String({ maxLength: 64 })),
        /** The signed approval, needed for longer advance consent. */
        approval: Type.Optional(id),
    },
    closed,
)

const agreementStates = ["accepted", "expired", "none"] as const

/** Facts of a partner that the partner may see. */
const factsAnswer = {
    id: Type.String(),
    name: Type.String(),
    mail: Type.String(),
    tier: tierField,
    status: Type.Enum([...partnerStatuses]),
    duties: Type.Array(dutyShape),
    reportsBeforePublication: Type.Enum([...reportings]),
    agreement: Type.Enum([...agreementStates]),
    /** Overdue requirements. Content is withheld until they are met. */
    overdue: Type.Array(Type.Enum([...requirementKinds])),
}

/** For staff only: a letter explains the restriction to the partner. */
const restrictionAnswer = orNull(
    Type.Object({
        withhold: Type.Array(Type.String()),
        notBeforePublication: Type.Boolean(),
        cases: orNull(Type.Array(Type.String())),
    }),
)

const personAnswer = Type.Object({
    id: Type.String(),
    name: Type.String(),
    mail: Type.String(),
    roles: Type.Array(enumOf<PartnerRole>()),
    left: Type.Boolean(),
})

export const rosterAnswer = Type.Object({ roster: Type.Array(personAnswer) })

const readinessField = Type.Enum([...readinesses])

export const keyAnswer = Type.Object({
    id: Type.String(),
    recipient: Type.String(),
    addedBy: Type.String(),
    addedAt: instant,
    /** Null: it waits for a confirmation by a usable key, or for two staff members to accept it. */
    usableFrom: orNull(instant),
    /** The instant from which no copies are sealed to it. */
    expiresAt: instant,
    revokedAt: orNull(instant),
    /** When its test copy was first opened. */
    testedAt: orNull(instant),
    /** The key that confirmed it. */
    confirmedBy: textOrNull,
    confirmedAt: orNull(instant),
    /** When two staff members accepted it. */
    acceptedAt: orNull(instant),
})

export const keysAnswer = Type.Object({
    keys: Type.Array(keyAnswer),
    /** All changes of these keys, oldest first; each has a receipt. */
    changes: Type.Array(keyChangeSchema),
})

export const mailKeyAnswer = Type.Object({
    id: Type.String(),
    fingerprint: Type.String(),
    addedBy: Type.String(),
    addedAt: instant,
    usableFrom: instant,
    /** The instant from which no mail is encrypted to it. */
    expiresAt: instant,
    revokedAt: orNull(instant),
    /** When encryption to it first failed. */
    failedAt: orNull(instant),
})

/** An address that bounced since the last mailbox proof. */
const bouncingAnswer = Type.Object({
    /** Null: the partner's own. */
    person: textOrNull,
    times: Type.Integer(),
    since: instant,
    /** Whether no mail is sent there until the next mailbox proof. */
    isGivenUp: Type.Boolean(),
})

/** Mail that bounced after delivery, by address and outcome, since the last mailbox proof. */
const bounceCountAnswer = Type.Object({
    /** Null: the partner's own. */
    person: textOrNull,
    outcome: Type.Enum([...bounceOutcomes]),
    times: Type.Integer(),
    since: instant,
})

export const acceptanceAnswer = Type.Object({
    version: Type.Integer(),
    person: Type.String(),
    at: instant,
    endsAt: orNull(instant),
})

const partnerRow = Type.Object({
    ...factsAnswer,
    restriction: restrictionAnswer,
    usableKeys: Type.Integer(),
    /** `untested`: no usable key has been tested. */
    readiness: readinessField,
    /** The latest acceptance. */
    accepted: orNull(acceptanceAnswer),
})

export const partnersAnswer = Type.Object({ partners: Type.Array(partnerRow) })

export const partnerAnswer = Type.Object({
    ...factsAnswer,
    restriction: restrictionAnswer,
    history: Type.Array(
        Type.Object({
            fact: Type.String(),
            value: Type.Unknown(),
            from: Type.String(),
            by: textOrNull,
        }),
    ),
    roster: Type.Array(personAnswer),
    keys: Type.Array(keyAnswer),
    mailKeys: Type.Array(mailKeyAnswer),
    bouncingAddresses: Type.Array(bouncingAnswer),
    reportedBounces: Type.Array(bounceCountAnswer),
    acceptances: Type.Array(acceptanceAnswer),
})

export const recognitionWordsShape = Type.Object({ words: orNull(Type.String({ maxLength: 200 })) }, closed)

export const meAnswer = Type.Object({
    now: Type.String(),
    person: personAnswer,
    partner: Type.Object({
        ...factsAnswer,
        roster: Type.Array(personAnswer),
        keys: Type.Array(keyAnswer),
        acceptances: Type.Array(acceptanceAnswer),
    }),
})

const agreementAnswer = Type.Object({
    version: Type.Integer(),
    text: Type.String(),
    termDays: orNull(Type.Integer()),
    obligations: Type.Array(obligationShape),
    longestEmbargoDays: Type.Integer(),
    since: instant,
    appliesAt: instant,
})

export const agreementsAnswer = Type.Object({ agreements: Type.Array(agreementAnswer) })

const rulesApproval = Type.Optional(id)

const versionFields = { version: Type.Integer(), by: textOrNull, at: textOrNull }

export const setRulesAnswer = Type.Object({ ...doneAnswer.properties, version: Type.Optional(Type.Integer()) })

export const rulesBodyOf = <Kind extends RulesKind>(kind: Kind) =>
    Type.Object({ rules: rulesShapes[kind], approval: rulesApproval }, closed)

export const programRulesAnswer = Type.Object({
    admission: Type.Object({ ...versionFields, rules: rulesShapes.admission }),
    tiers: Type.Object({ ...versionFields, rules: rulesShapes.tiers }),
    testing: Type.Object({ ...versionFields, rules: rulesShapes.testing }),
    requirements: Type.Object({ ...versionFields, rules: rulesShapes.requirements }),
    consent: Type.Object({ ...versionFields, rules: rulesShapes.consent }),
    embargo: Type.Object({ ...versionFields, rules: rulesShapes.embargo }),
    aggregates: Type.Object({ ...versionFields, rules: rulesShapes.aggregates }),
    reporting: Type.Object({ ...versionFields, rules: rulesShapes.reporting }),
})

const criterionResultAnswer = Type.Object({
    tier: tierField,
    criterion: Type.String(),
    value: orNull(Type.Number()),
    met: orNull(Type.Boolean()),
})

const proposalAnswer = {
    id: Type.String(),
    partner: Type.String(),
    from: tierField,
    to: tierField,
    rulesVersion: Type.Integer(),
    findings: Type.Array(criterionResultAnswer),
    createdAt: Type.String(),
}

export const tierProposalsAnswer = Type.Object({
    facts: Type.Array(Type.Enum([...measuredFacts])),
    proposals: Type.Array(Type.Object(proposalAnswer)),
})

export const partnerTierProposalsAnswer = Type.Object({
    proposals: Type.Array(
        Type.Object({
            ...proposalAnswer,
            endedAt: textOrNull,
            endedAs: textOrNull,
            endedBy: textOrNull,
            reason: textOrNull,
        }),
    ),
})

export const dismissTierProposalBody = Type.Object({ reason: Type.String({ minLength: 10, maxLength: 4000 }) }, closed)

const dueDiligenceFields = { ownership: Type.Array(ownerShape), jurisdictions: Type.Array(jurisdictionShape) }

export const dueDiligenceAnswer = Type.Object({
    ...dueDiligenceFields,
    history: Type.Array(
        Type.Object({ fact: Type.String(), value: Type.Unknown(), from: Type.String(), by: textOrNull }),
    ),
})

export const setDueDiligenceBody = Type.Object(
    {
        ownership: Type.Array(ownerShape, { maxItems: 50 }),
        jurisdictions: Type.Array(jurisdictionShape, { maxItems: 50 }),
    },
    closed,
)
