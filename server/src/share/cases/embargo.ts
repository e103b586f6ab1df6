/**
 * The embargo: until when a case is secret, and what may move that end.
 *
 * The end is never an edited date. It is computed from an append-only history, so that both always agree. Its
 * extensions are limited, and an ended embargo never restarts.
 *
 * Negotiation follows CERT/CC's Vultron protocol: none → proposed → active ⇄ revise → exited. Of several proposals the
 * shortest wins. The others remain as proposed revisions while the embargo runs.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { shippedRules } from "../../trust/partners/program-rules.ts"

/** The id of a participant; null: the operator. */
export type ParticipantId = string | null

/** The reasons for an early end. */
export const triggers = ["exploitation", "public_proof_of_concept", "listed_as_exploited", "leak"] as const

/** The reason for an early end. */
export type Trigger = (typeof triggers)[number]

/** A proposed early end, with its reason and the person responsible for the decision; null: all who may decide. */
export interface TerminationProposal {
    readonly trigger: Trigger
    readonly owner: string | null
}

/** An entry in the history of an embargo. */
export type EmbargoEntry =
    | {
          readonly kind: "proposed"
          readonly at: Instant
          readonly by: ParticipantId
          readonly endsAt: Instant
          readonly terminationProposal: TerminationProposal | null
      }
    /** `proposal` is the index of a `proposed` entry in the history, here and below. */
    | { readonly kind: "rejected"; readonly at: Instant; readonly proposal: number; readonly reason: string }
    | { readonly kind: "agreed"; readonly at: Instant; readonly endsAt: Instant; readonly proposal: number | null }
    | {
          readonly kind: "moved"
          readonly at: Instant
          readonly endsAt: Instant
          readonly reason: string
          readonly proposal: number | null
      }
    | { readonly kind: "terminated"; readonly at: Instant; readonly reason: string }
    | { readonly kind: "ended"; readonly at: Instant }

/**
 * INVARIANT: at most one `agreed`; `moved` only after it; after `terminated` only `ended`; nothing after `ended`. Each
 * proposal is decided once, and instants never decrease.
 */
export type Embargo = readonly EmbargoEntry[]

/** The state by the clock. `due`: the end has come, and publication is not recorded yet. */
export type Phase = "none" | "proposed" | "running" | "due" | "terminated" | "ended"

/** The state of the negotiation. `revise`: the embargo runs, and other ends are proposed. */
export type EmbargoState = "none" | "proposed" | "active" | "revise" | "exited"

/** The limits of negotiation. */
export interface Limits {
    /** The maximum days from the agreement to the end, however often it moves. A program rule. */
    readonly daysMax: number
    /** How often the end may be moved later. Earlier ends are not counted. */
    readonly delaysMax: number
    /** The maximum number of open proposals of one party. */
    readonly proposalsMax: number
}

export const shippedLimits: Limits = { ...shippedRules.embargo, delaysMax: 5, proposalsMax: 5 }

/** How long a termination proposal waits for its decision by default; then it expires. */
export const terminationProposalMs = 48 * hourMs
const terminationProposalMsMax = 14 * dayMs

/** Returns the state by the clock. At its end the embargo no longer runs. */
export function phase(embargo: Embargo, now: Instant): Phase {
    const last = embargo.at(-1)
    if (last?.kind === "terminated" || last?.kind === "ended") return last.kind
    const until = endOf(embargo)
    if (until === null) return openProposals(embargo, now).length > 0 ? "proposed" : "none"
    return now < until ? "running" : "due"
}

/** Returns the state of the negotiation. */
export function stateOf(embargo: Embargo, now: Instant): EmbargoState {
    const current = phase(embargo, now)
    if (current === "none" || current === "proposed") return current
    if (current !== "running") return "exited"
    return openProposals(embargo, now).length > 0 ? "revise" : "active"
}

/** Returns the end of secrecy, planned or past; null where none was agreed. */
export function endOf(embargo: Embargo): Instant | null {
    const agreed = embargo.findLast((entry) => entry.kind === "agreed" || entry.kind === "moved")
    if (agreed === undefined) return null
    const terminated = embargo.find((entry) => entry.kind === "terminated")
    return terminated ? Math.min(terminated.at, agreed.endsAt) : agreed.endsAt
}

/** Returns when publication was recorded; null while the case is not public. */
export function publishedAt(embargo: Embargo): Instant | null {
    return embargo.find((entry) => entry.kind === "ended")?.at ?? null
}

/** Returns the milliseconds from the agreement to the latest end ever set; null where none was agreed. */
export function longestOf(embargo: Embargo): number | null {
    const start = startOf(embargo)
    return start === null ? null : Math.max(...endsOf(embargo)) - start
}

/** Returns since when the embargo has the latest end ever set; null where none was agreed. */
export function longestSince(embargo: Embargo): Instant | null {
    const latest = Math.max(...endsOf(embargo))
    return (
        embargo.find((entry) => (entry.kind === "agreed" || entry.kind === "moved") && entry.endsAt === latest)?.at ??
        null
    )
}

/** Returns the history until an instant, inclusive. */
export function entriesUntil(embargo: Embargo, instant: Instant): Embargo {
    return embargo.filter((entry) => entry.at <= instant)
}

/** A proposed end that is still open. */
export interface Proposal {
    /** The index in the history. */
    readonly n: number
    readonly at: Instant
    readonly by: ParticipantId
    readonly endsAt: Instant
    readonly terminationProposal: TerminationProposal | null
}

/**
 * Lists proposals that wait for a decision, in order. A proposal expires at its end, and all expire when the embargo is
 * over.
 */
export function openProposals(embargo: Embargo, now: Instant): Proposal[] {
    if (isOver(embargo, now)) return []
    const decided = new Set(embargo.map((entry) => ("proposal" in entry ? entry.proposal : null)))
    return embargo.flatMap((entry, n) => {
        if (entry.kind !== "proposed" || decided.has(n) || entry.endsAt <= now) return []
        return [{ n, at: entry.at, by: entry.by, endsAt: entry.endsAt, terminationProposal: entry.terminationProposal }]
    })
}

/** Returns the winning proposal: the earliest end, and of equal ends the first. */
export function shortestOf(proposals: readonly Proposal[]): Proposal | null {
    return proposals.toSorted((a, b) => a.endsAt - b.endsAt || a.n - b.n)[0] ?? null
}

/**
 * Proposes an end, or another end of a running embargo. Refuses `embargo.already_ended`, `embargo.too_many_proposals`.
 */
export function propose(
    embargo: Embargo,
    { by, endsAt }: { readonly by: ParticipantId; readonly endsAt: Instant },
    now: Instant,
    limits: Limits,
): Embargo {
    assertNotOver(embargo, now)
    checkEnd(embargo, endsAt, now, limits)
    const open = openProposals(embargo, now).filter(
        (proposal) => proposal.by === by && proposal.terminationProposal === null,
    )
    if (!(open.length < limits.proposalsMax)) {
        const most = `one party may have \`${limits.proposalsMax}\` open proposals: wait for a decision`
        refuse("conflict", "embargo.too_many_proposals", most, { max: limits.proposalsMax })
    }
    return [...embargo, { kind: "proposed", at: now, by, endsAt, terminationProposal: null }]
}

/**
 * Starts the embargo. Without `endsAt`, or with a later one than proposed, the shortest proposal wins and the others
 * become revisions. Refuses `embargo.already_agreed`, `embargo.no_end_proposed`.
 */
export function agree(embargo: Embargo, endsAt: Instant | null, now: Instant, limits: Limits): Embargo {
    if (startOf(embargo) !== null)
        refuse("conflict", "embargo.already_agreed", "this case already has an embargo: move its end instead")
    const shortest = shortestOf(openProposals(embargo, now))
    const agreedEnd = endsAt ?? shortest?.endsAt
    if (agreedEnd === undefined) refuse("conflict", "embargo.no_end_proposed", "no end is proposed: enter one")
    checkEnd(embargo, agreedEnd, now, limits)
    if (shortest === null || shortest.endsAt > agreedEnd) {
        return [...embargo, { kind: "agreed", at: now, endsAt: agreedEnd, proposal: null }]
    }
    const further: Embargo =
        shortest.endsAt < agreedEnd
            ? [{ kind: "proposed", at: now, by: null, endsAt: agreedEnd, terminationProposal: null }]
            : []
    checkEnd(embargo, shortest.endsAt, now, limits)
    return [...embargo, ...further, { kind: "agreed", at: now, endsAt: shortest.endsAt, proposal: shortest.n }]
}

/**
 * Accepts an open proposal: the first starts the embargo, a later one moves its end. Refuses
 * `embargo.shorter_proposed`.
 */
export function accept(embargo: Embargo, proposal: number, now: Instant, limits: Limits): Embargo {
    const accepted = assertProposalOpen(embargo, proposal, now)
    if (startOf(embargo) !== null)
        return moveEnd(embargo, { endsAt: accepted.endsAt, reason: "", proposal }, now, limits)
    const shortest = shortestOf(openProposals(embargo, now))
    if (shortest !== null && shortest.endsAt < accepted.endsAt) {
        const line = "an earlier end is proposed: accept that one, and this one remains as a revision"
        refuse("conflict", "embargo.shorter_proposed", line)
    }
    checkEnd(embargo, accepted.endsAt, now, limits)
    return [...embargo, { kind: "agreed", at: now, endsAt: accepted.endsAt, proposal }]
}

/** Rejects a proposal. A running embargo does not change. */
export function reject(embargo: Embargo, proposal: number, reason: string, now: Instant): Embargo {
    assertProposalOpen(embargo, proposal, now)
    return [...embargo, { kind: "rejected", at: now, proposal, reason }]
}

/** Moves the end earlier or later. */
export function move(embargo: Embargo, endsAt: Instant, reason: string, now: Instant, limits: Limits): Embargo {
    return moveEnd(embargo, { endsAt, reason, proposal: null }, now, limits)
}

/**
 * Proposes an early end, because secrecy may have failed.
 *
 * It ends nothing automatically: a person decides, or it expires at the proposed end. A second proposal for the same
 * reason adds nothing. Refuses `embargo.not_running`, `embargo.bad_deadline`.
 */
export function addTerminationProposal(
    embargo: Embargo,
    terminationProposal: TerminationProposal,
    now: Instant,
    withinMs: number = terminationProposalMs,
): Embargo {
    assertRuns(embargo, now)
    if (!(withinMs >= hourMs && withinMs <= terminationProposalMsMax)) {
        refuse("invalid", "embargo.bad_deadline", "bad deadline: use 1 hour to 14 days")
    }
    const isAlreadyProposed = openProposals(embargo, now).some(
        (proposal) => proposal.terminationProposal?.trigger === terminationProposal.trigger,
    )
    if (isAlreadyProposed) return embargo
    const endsAt = Math.min(now + withinMs, endOf(embargo) ?? Number.POSITIVE_INFINITY)
    const { trigger, owner } = terminationProposal
    return [...embargo, { kind: "proposed", at: now, by: null, endsAt, terminationProposal: { trigger, owner } }]
}

/** Terminates the embargo at once, because secrecy has failed. Refuses `embargo.not_running`. */
export function terminate(embargo: Embargo, reason: string, now: Instant): Embargo {
    assertRuns(embargo, now)
    return [...embargo, { kind: "terminated", at: now, reason }]
}

/** Records that the case is public; publication calls it once the end has come. Refuses `embargo.not_due`. */
export function end(embargo: Embargo, now: Instant): Embargo {
    const state = phase(embargo, now)
    if (state !== "due" && state !== "terminated") {
        refuse("conflict", "embargo.not_due", `this embargo is not due: its state is \`${state}\``, { state })
    }
    return [...embargo, { kind: "ended", at: now }]
}

interface Move {
    readonly endsAt: Instant
    readonly reason: string
    readonly proposal: number | null
}

function moveEnd(embargo: Embargo, { endsAt, reason, proposal }: Move, now: Instant, limits: Limits): Embargo {
    assertRuns(embargo, now)
    const isLater = endsAt > (endOf(embargo) ?? 0)
    if (isLater && !(delaysIn(embargo) < limits.delaysMax)) {
        const line = `moved later too often: an embargo allows \`${limits.delaysMax}\` later ends`
        refuse("conflict", "embargo.moved_too_often", line, { max: limits.delaysMax })
    }
    checkEnd(embargo, endsAt, now, limits)
    return [...embargo, { kind: "moved", at: now, endsAt, reason, proposal }]
}

/** Counts how often the end was moved later. */
export function delaysIn(embargo: Embargo): number {
    const ends = endsOf(embargo)
    return ends.filter((end, i) => i > 0 && end > (ends[i - 1] ?? 0)).length
}

/** Lists every agreed end, in order. */
function endsOf(embargo: Embargo): Instant[] {
    return embargo.flatMap((entry) => (entry.kind === "agreed" || entry.kind === "moved" ? [entry.endsAt] : []))
}

function startOf(embargo: Embargo): Instant | null {
    return embargo.find((entry) => entry.kind === "agreed")?.at ?? null
}

function isOver(embargo: Embargo, now: Instant): boolean {
    const until = endOf(embargo)
    return embargo.at(-1)?.kind === "ended" || (until !== null && until <= now)
}

function assertNotOver(embargo: Embargo, now: Instant): void {
    if (isOver(embargo, now))
        refuse("conflict", "embargo.already_ended", "this embargo has ended: its end cannot change")
}

function assertProposalOpen(embargo: Embargo, proposal: number, now: Instant): Proposal {
    const open = openProposals(embargo, now).find(({ n }) => n === proposal)
    return (
        open ??
        refuse("conflict", "embargo.proposal_not_found", `no proposal \`${proposal}\` waits for a decision`, {
            proposal,
        })
    )
}

function assertRuns(embargo: Embargo, now: Instant): void {
    const state = phase(embargo, now)
    if (state !== "running") {
        refuse("conflict", "embargo.not_running", `no running embargo: its state is \`${state}\``, { state })
    }
}

/**
 * Refuses a past or too long end. An earlier end than the current one is never too long, even if the limit has changed
 * since.
 */
function checkEnd(embargo: Embargo, endsAt: Instant, now: Instant, limits: Limits): void {
    if (!(endsAt > now)) refuse("invalid", "embargo.end_in_past", "the end is in the past: choose a future instant")
    if (endsAt <= (endOf(embargo) ?? now)) return
    if (!(endsAt - (startOf(embargo) ?? now) <= limits.daysMax * dayMs)) {
        refuse("invalid", "embargo.too_long", `the embargo is too long: it can last \`${limits.daysMax}\` days`, {
            max: limits.daysMax,
        })
    }
}
