/** Schemas of the case routes, and functions that present cases, embargo entries and consents. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { CaseFile } from "../actions.ts"
import type { Invitation, OnesConsent } from "../actions/answer-invitation.ts"
import type { Adherence, ConsentTurn } from "../consent.ts"
import { detailFields } from "../disclosed-facts.ts"
import { type Turn, openProposals, phase, stateOf } from "../embargo.ts"

export const closed = { additionalProperties: false }
export const id = Type.String({ format: "uuid" })
export const byId = Type.Object({ id }, closed)
export const text = (max: number) => Type.String({ minLength: 1, maxLength: max })
const orNull = Type.Union([Type.String(), Type.Null()])

const teardown = Type.Union([
    Type.Object({ trigger: Type.String(), owner: Type.Union([id, Type.Null()]) }),
    Type.Null(),
])
/** `by`: a partner or external party; null: the operator. `proposal`: the index in the history. */
export const proposalAnswer = {
    proposal: Type.Integer(),
    at: Type.String(),
    by: orNull,
    endsAt: Type.String(),
    teardown,
}

export const caseAnswer = Type.Object({
    id,
    ...detailFields,
    /** The revision of the disclosed facts, from 1. */
    revision: Type.Integer(),
    createdAt: Type.String(),
    phase: Type.String(),
    state: Type.String(),
    publication: orNull,
    embargo: Type.Array(
        Type.Object({
            kind: Type.String(),
            at: Type.String(),
            endsAt: Type.Optional(Type.String()),
            why: Type.Optional(Type.String()),
            by: Type.Optional(orNull),
            teardown: Type.Optional(teardown),
            proposal: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
        }),
    ),
    /** The open proposals; each expires at its end. */
    proposals: Type.Array(Type.Object(proposalAnswer)),
    links: Type.Array(Type.Object({ to: id, kind: Type.String() })),
    permission: Type.Union([Type.Object({ deployment: Type.String(), text: Type.String() }), Type.Null()]),
    closing: Type.Union([Type.Object({ kind: Type.String(), at: Type.String() }), Type.Null()]),
})

/** The draft of a case, read from a document. `score` null: the author must enter it; `remarks` say why. */
export const draftAnswer = Type.Object({
    title: Type.String(),
    vulnerabilities: Type.Array(
        Type.Object({
            cve: Type.String(),
            cwe: Type.String(),
            vector: Type.String(),
            score: Type.Union([Type.Number(), Type.Null()]),
            products: Type.Array(Type.Object({ vendor: Type.String(), name: Type.String(), fixedIn: orNull })),
        }),
    ),
    finder: Type.String(),
    remarks: Type.Array(Type.String()),
})

export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

export function presented(file: CaseFile, now: Instant) {
    const { title, vulnerabilities, finder, credit = "", revision, links, permission, closing } = file
    return {
        id: file.id,
        title,
        vulnerabilities,
        finder,
        credit,
        revision,
        links,
        permission,
        createdAt: formatInstant(file.createdAt),
        phase: closing?.kind ?? phase(file.embargo, now),
        state: stateOf(file.embargo, now),
        publication: formatOrNull(file.publication),
        embargo: file.embargo.map(presentTurn),
        proposals: openProposals(file.embargo, now).map(presentProposal),
        closing: closing && { kind: closing.kind, at: formatInstant(closing.at) },
    }
}

function presentTurn(turn: Turn) {
    return {
        kind: turn.kind,
        at: formatInstant(turn.at),
        ...("endsAt" in turn && { endsAt: formatInstant(turn.endsAt) }),
        ...("why" in turn && { why: turn.why }),
        ...("by" in turn && { by: turn.by, teardown: turn.teardown }),
        ...("proposal" in turn && { proposal: turn.proposal }),
    }
}

export function presentProposal({ n, at, by, endsAt, teardown }: ReturnType<typeof openProposals>[number]) {
    return { proposal: n, at: formatInstant(at), by, endsAt: formatInstant(endsAt), teardown }
}

export const consentAnswer = {
    state: Type.String(),
    adherence: Type.Object({ state: Type.String(), until: orNull, exitedAt: orNull }),
    turns: Type.Array(
        Type.Object({
            kind: Type.String(),
            at: Type.String(),
            answerBy: Type.Optional(Type.String()),
            endsAt: Type.Optional(Type.String()),
        }),
    ),
}

export function presentConsent({ state, adherence, turns }: Pick<OnesConsent, "state" | "adherence" | "turns">) {
    return { state, adherence: presentAdherence(adherence), turns: turns.map(presentSaid) }
}

const presentAdherence = ({ state, until, exitedAt }: Adherence) => ({
    state,
    until: formatOrNull(until),
    exitedAt: formatOrNull(exitedAt),
})

const presentSaid = (turn: ConsentTurn) => ({
    kind: turn.kind,
    at: formatInstant(turn.at),
    ...("answerBy" in turn && { answerBy: formatInstant(turn.answerBy) }),
    ...("endsAt" in turn && { endsAt: formatInstant(turn.endsAt) }),
})

/** An invitation as its recipient sees it: the history without reasons, and no content of the case. */
export const invitationAnswer = {
    state: Type.String(),
    publication: orNull,
    answerBy: orNull,
    closedAt: orNull,
    leftAt: orNull,
    turns: Type.Array(
        Type.Object({
            kind: Type.String(),
            at: Type.String(),
            endsAt: orNull,
            by: Type.Union([Type.Literal("you"), Type.Literal("another"), Type.Null()]),
            /** Whether it is a proposal that waits for a decision. */
            open: Type.Boolean(),
        }),
    ),
}

export function presentInvitation({ state, publication, answerBy, closedAt, leftAt, turns }: Invitation) {
    return {
        state,
        publication: formatOrNull(publication),
        answerBy: formatOrNull(answerBy),
        closedAt: formatOrNull(closedAt),
        leftAt: formatOrNull(leftAt),
        turns: turns.map((toldTurn) => ({
            ...toldTurn,
            at: formatInstant(toldTurn.at),
            endsAt: formatOrNull(toldTurn.endsAt),
        })),
    }
}
