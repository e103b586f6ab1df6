/** Presents cases, embargo entries and consents. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { CaseFile } from "../actions/load-case.ts"
import type { Invitation, ParticipantConsent } from "../actions/answer-invitation.ts"
import type { Adherence, ConsentEntry } from "../consent.ts"

import { type EmbargoEntry, openProposals, phase, stateOf } from "../embargo.ts"

export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

export function presentCase(file: CaseFile, now: Instant) {
    const { title, vulnerabilities, finder, credit = "", revision, links, permission, closure } = file
    return {
        id: file.id,
        title,
        vulnerabilities,
        finder,
        credit,
        revision,
        links,
        permission,
        contentDeletedAt: formatOrNull(file.contentDeletedAt),
        createdAt: formatInstant(file.createdAt),
        phase: closure?.kind ?? phase(file.embargo, now),
        state: stateOf(file.embargo, now),
        publication: formatOrNull(file.publication),
        embargo: file.embargo.map(presentEmbargoEntry),
        proposals: openProposals(file.embargo, now).map(presentProposal),
        closure: closure && { kind: closure.kind, at: formatInstant(closure.at) },
    }
}

function presentEmbargoEntry(entry: EmbargoEntry) {
    return {
        kind: entry.kind,
        at: formatInstant(entry.at),
        ...("endsAt" in entry && { endsAt: formatInstant(entry.endsAt) }),
        ...("reason" in entry && { reason: entry.reason }),
        ...("by" in entry && { by: entry.by, terminationProposal: entry.terminationProposal }),
        ...("proposal" in entry && { proposal: entry.proposal }),
    }
}

export function presentProposal({ n, at, by, endsAt, terminationProposal }: ReturnType<typeof openProposals>[number]) {
    return { proposal: n, at: formatInstant(at), by, endsAt: formatInstant(endsAt), terminationProposal }
}

export function presentConsent({
    state,
    adherence,
    history,
}: Pick<ParticipantConsent, "state" | "adherence" | "history">) {
    return { state, adherence: presentAdherence(adherence), history: history.map(presentConsentEntry) }
}

const presentAdherence = ({ state, until, exitedAt }: Adherence) => ({
    state,
    until: formatOrNull(until),
    exitedAt: formatOrNull(exitedAt),
})

const presentConsentEntry = (entry: ConsentEntry) => ({
    kind: entry.kind,
    at: formatInstant(entry.at),
    ...("answerBy" in entry && { answerBy: formatInstant(entry.answerBy) }),
    ...("endsAt" in entry && { endsAt: formatInstant(entry.endsAt) }),
})

export function presentInvitation({ state, publication, answerBy, closedAt, leftAt, history }: Invitation) {
    return {
        state,
        publication: formatOrNull(publication),
        answerBy: formatOrNull(answerBy),
        closedAt: formatOrNull(closedAt),
        leftAt: formatOrNull(leftAt),
        history: history.map((entry) => ({
            ...entry,
            at: formatInstant(entry.at),
            endsAt: formatOrNull(entry.endsAt),
        })),
    }
}
