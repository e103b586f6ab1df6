/** Request and answer types of the routes of cases. */
import { Type } from "typebox"
import { documentCharsMax } from "@tocsin/formats/advisory/import"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { triggers } from "./embargo.ts"
import { partyRoles, partyTextMax } from "./party.ts"
import { detailFields } from "./disclosed-facts.ts"
import type { Phase, Trigger } from "./embargo.ts"
import type { Closure, LinkKind } from "./case.ts"
import type { Adherence, Consent, ConsentEntry, DisclosedEntry } from "./consent.ts"
import type { Deployment } from "./deployment-permission.ts"

export const draftCaseBody = Type.Object(
    { document: Type.String({ minLength: 1, maxLength: documentCharsMax }) },
    closed,
)

const withinHours = Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 }))

export const proposeTerminationCaseBody = Type.Object(
    {
        trigger: Type.Enum([...triggers]),
        owner: Type.Optional(id),
        withinHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 336 })),
    },
    closed,
)

const secret = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" })

export const invitePartyBody = Type.Object({ withinHours }, closed)

export const invitePartyAnswer = Type.Object({ secret })

export const renewSecretPartyAnswer = Type.Object({ secret })

export const readInvitationBody = Type.Object({ secret }, closed)

export const answerInvitationBody = Type.Object({ secret, accepts: Type.Boolean() }, closed)

export const newProposalBody = Type.Object({ secret, endsAt: Type.String() }, closed)

export const exitInvitationBody = Type.Object({ secret }, closed)

const text = (max: number) => Type.String({ minLength: 1, maxLength: max })

export const embargoEntryBody = Type.Object(
    {
        action: Type.Enum(["propose", "agree", "accept", "reject", "move"]),
        endsAt: Type.Optional(Type.String()),
        reason: Type.Optional(text(2000)),
        /** The index of the accepted or rejected proposal in the history. */
        proposal: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    },
    closed,
)

const party = {
    role: Type.Enum([...partyRoles]),
    name: text(partyTextMax),
    contact: text(partyTextMax),
}

const partyAnswer = { ...party, id, addedAt: Type.String() }

export const byParty = Type.Object({ id, party: id }, closed)

export const partiesAnswer = Type.Object({ parties: Type.Array(Type.Object(partyAnswer)) })

export const newPartyBody = Type.Object(party, closed)

const terminationProposal = Type.Union([Type.Object({ trigger: enumOf<Trigger>(), owner: orNull(id) }), Type.Null()])

/** `by`: a partner or external party; null: the operator. `proposal`: the index in the history. */
const proposalAnswer = {
    proposal: Type.Integer(),
    at: Type.String(),
    by: textOrNull,
    endsAt: Type.String(),
    terminationProposal,
}

export const embargoProposalsAnswer = Type.Object({
    now: Type.String(),
    decisions: Type.Array(
        Type.Object({ ...proposalAnswer, case: id, expiresAt: Type.String(), endIfExpired: textOrNull }),
    ),
})

export const caseAnswer = Type.Object({
    id,
    ...detailFields,
    /** Empty where the content was deleted, as are the vulnerabilities. */
    title: Type.String(),
    vulnerabilities: Type.Array(detailFields.vulnerabilities.items),
    /** When two people deleted the content; null: it is there. */
    contentDeletedAt: textOrNull,
    /** The revision of the disclosed facts, from 1. */
    revision: Type.Integer(),
    createdAt: Type.String(),
    phase: enumOf<Phase | Closure["kind"]>(),
    state: Type.String(),
    publication: textOrNull,
    embargo: Type.Array(
        Type.Object({
            kind: Type.String(),
            at: Type.String(),
            endsAt: Type.Optional(Type.String()),
            reason: Type.Optional(Type.String()),
            by: Type.Optional(textOrNull),
            terminationProposal: Type.Optional(terminationProposal),
            proposal: Type.Optional(orNull(Type.Integer())),
        }),
    ),
    /** The open proposals; each expires at its end. */
    proposals: Type.Array(Type.Object(proposalAnswer)),
    links: Type.Array(Type.Object({ to: id, kind: enumOf<LinkKind>() })),
    permission: Type.Union([Type.Object({ deployment: enumOf<Deployment>(), text: Type.String() }), Type.Null()]),
    closure: Type.Union([Type.Object({ kind: enumOf<Closure["kind"]>(), at: Type.String() }), Type.Null()]),
})

export const casesAnswer = Type.Object({ now: Type.String(), cases: Type.Array(caseAnswer) })

/** The draft of a case, read from a document. `score` null: the author must enter it; `remarks` say why. */
export const draftAnswer = Type.Object({
    title: Type.String(),
    vulnerabilities: Type.Array(
        Type.Object({
            cve: Type.String(),
            cwe: Type.String(),
            vector: Type.String(),
            score: orNull(Type.Number()),
            products: Type.Array(Type.Object({ vendor: Type.String(), name: Type.String(), fixedIn: textOrNull })),
        }),
    ),
    finder: Type.String(),
    remarks: Type.Array(Type.String()),
})

const consentAnswer = {
    state: enumOf<Consent>(),
    adherence: Type.Object({ state: enumOf<Adherence["state"]>(), until: textOrNull, exitedAt: textOrNull }),
    history: Type.Array(
        Type.Object({
            kind: enumOf<ConsentEntry["kind"]>(),
            at: Type.String(),
            answerBy: Type.Optional(Type.String()),
            endsAt: Type.Optional(Type.String()),
        }),
    ),
}

export const consentsAnswer = Type.Object({
    consents: Type.Array(Type.Object({ ...consentAnswer, partner: id })),
    parties: Type.Array(Type.Object({ ...consentAnswer, party: id })),
})

/** An invitation as its recipient sees it: the history without reasons, and no content of the case. */
export const invitationAnswer = {
    state: enumOf<Consent>(),
    publication: textOrNull,
    answerBy: textOrNull,
    closedAt: textOrNull,
    leftAt: textOrNull,
    history: Type.Array(
        Type.Object({
            kind: enumOf<DisclosedEntry["kind"]>(),
            at: Type.String(),
            endsAt: textOrNull,
            by: Type.Union([Type.Literal("you"), Type.Literal("another"), Type.Null()]),
            /** Whether it is a proposal that waits for a decision. */
            open: Type.Boolean(),
        }),
    ),
}

export const readInvitationAnswer = Type.Object({ now: Type.String(), ...invitationAnswer })
