/** Schemas of the case routes, and functions that present cases, embargo entries and consents. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { CaseFile } from "../actions.ts"
import type { Invitation, OnesConsent } from "../actions/answer-invitation.ts"
import type { Adherence, ConsentTurn } from "../consent.ts"

import { type Turn, openProposals, phase, stateOf } from "../embargo.ts"

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
