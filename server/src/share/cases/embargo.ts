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

/** The speaker: a party of the case, by its id; null: the operator. */
export type Voice = string | null

/** The reasons for an early end. */
export const triggers = ["exploitation", "public_proof_of_concept", "listed_as_exploited", "leak"] as const

/** The reason for an early end. */
export type Trigger = (typeof triggers)[number]

/** A proposed early end, with its reason and the person responsible for the decision; null: all who may decide. */
export interface Teardown {
    readonly trigger: Trigger
    readonly owner: string | null
}

/** An entry in the history of an embargo. */
export type Turn =
    | {
          readonly kind: "proposed"
          readonly at: Instant
          readonly by: Voice
          readonly endsAt: Instant
          readonly teardown: Teardown | null
      }
    /** `proposal` is the index of a `proposed` entry in the history, here and below. */
    | { readonly kind: "rejected"; readonly at: Instant; readonly proposal: number; readonly why: string }
    | { readonly kind: "agreed"; readonly at: Instant; readonly endsAt: Instant; readonly proposal: number | null }
    | {
          readonly kind: "moved"
          readonly at: Instant
          readonly endsAt: Instant
          readonly why: string
          readonly proposal: number | null
      }
    | { readonly kind: "terminated"; readonly at: Instant; readonly why: string }
    | { readonly kind: "ended"; readonly at: Instant }

/**
 * INVARIANT: at most one `agreed`; `moved` only after it; after `terminated` only `ended`; nothing after `ended`. Each
 * proposal is decided once, and instants never decrease.
 */
export type Embargo = readonly Turn[]

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
export const teardownMs = 48 * hourMs
const teardownMsMax = 14 * dayMs

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
    const value = phase(embargo, now)
    if (value === "none" || value === "proposed") return value
    if (value !== "running") return "exited"
    return openProposals(embargo, now).length > 0 ? "revise" : "active"
}

/** Returns the end of secrecy, planned or past; null where none was agreed. */
export function endOf(embargo: Embargo): Instant | null {
    const agreed = embargo.findLast((turn) => turn.kind === "agreed" || turn.kind === "moved")
    if (agreed === undefined) return null
    const broken = embargo.find((turn) => turn.kind === "terminated")
    return broken ? Math.min(broken.at, agreed.endsAt) : agreed.endsAt
}

/** Returns when publication was recorded; null while the case is not public. */
export function publishedAt(embargo: Embargo): Instant | null {
    return embargo.find((turn) => turn.kind === "ended")?.at ?? null
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
        embargo.find((turn) => (turn.kind === "agreed" || turn.kind === "moved") && turn.endsAt === latest)?.at ?? null
    )
}

/** Returns the history until an instant, inclusive. */
export function upTo(embargo: Embargo, instant: Instant): Embargo {
    return embargo.filter((turn) => turn.at <= instant)
}

/** A proposed end that is still open. */
export interface Proposal {
    /** The index in the history. */
    readonly n: number
    readonly at: Instant
    readonly by: Voice
    readonly endsAt: Instant
    readonly teardown: Teardown | null
}

/**
 * Lists proposals that wait for a decision, in order. A proposal expires at its end, and all expire when the embargo is
 * over.
 */
export function openProposals(embargo: Embargo, now: Instant): Proposal[] {
    if (isOver(embargo, now)) return []
    const decided = new Set(embargo.map((turn) => ("proposal" in turn ? turn.proposal : null)))
    return embargo.flatMap((turn, n) => {
        if (turn.kind !== "proposed" || decided.has(n) || turn.endsAt <= now) return []
        return [{ n, at: turn.at, by: turn.by, endsAt: turn.endsAt, teardown: turn.teardown }]
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
    { by, endsAt }: { readonly by: Voice; readonly endsAt: Instant },
    now: Instant,
    limits: Limits,
): Embargo {
    assertNotOver(embargo, now)
    checkEnd(embargo, endsAt, now, limits)
    const open = openProposals(embargo, now).filter((proposal) => proposal.by === by && proposal.teardown === null)
    if (!(open.length < limits.proposalsMax)) {
        const most = `one party may have \`${limits.proposalsMax}\` open proposals: wait for a decision`
        refuse("conflict", "embargo.too_many_proposals", most)
    }
    return [...embargo, { kind: "proposed", at: now, by, endsAt, teardown: null }]
}

/**
 * Starts the embargo. Without `endsAt`, or with a later one than proposed, the shortest proposal wins and the others
 * become revisions. Refuses `embargo.already_agreed`, `embargo.no_end_proposed`.
 */
export function agree(embargo: Embargo, endsAt: Instant | null, now: Instant, limits: Limits): Embargo {
    if (startOf(embargo) !== null)
        refuse("conflict", "embargo.already_agreed", "this case already has an embargo: move its end instead")
    const shortest = shortestOf(openProposals(embargo, now))
    const wanted = endsAt ?? shortest?.endsAt
    if (wanted === undefined) refuse("conflict", "embargo.no_end_proposed", "no end is proposed: enter one")
    checkEnd(embargo, wanted, now, limits)
    if (shortest === null || shortest.endsAt > wanted) {
        return [...embargo, { kind: "agreed", at: now, endsAt: wanted, proposal: null }]
    }
    const also: Embargo =
        shortest.endsAt < wanted ? [{ kind: "proposed", at: now, by: null, endsAt: wanted, teardown: null }] : []
    checkEnd(embargo, shortest.endsAt, now, limits)
    return [...embargo, ...also, { kind: "agreed", at: now, endsAt: shortest.endsAt, proposal: shortest.n }]
}

/**
 * Accepts an open proposal: the first starts the embargo, a later one moves its end. Refuses
 * `embargo.shorter_proposed`.
 */
export function accept(embargo: Embargo, proposal: number, now: Instant, limits: Limits): Embargo {
    const input = assertOpen(embargo, proposal, now)
    if (startOf(embargo) !== null) return moved(embargo, { endsAt: input.endsAt, why: "", proposal }, now, limits)
    const shortest = shortestOf(openProposals(embargo, now))
    if (shortest !== null && shortest.endsAt < input.endsAt) {
        const line = "an earlier end is proposed: accept that one, and this one remains as a revision"
        refuse("conflict", "embargo.shorter_proposed", line)
    }
    checkEnd(embargo, input.endsAt, now, limits)
    return [...embargo, { kind: "agreed", at: now, endsAt: input.endsAt, proposal }]
}

/** Rejects a proposal. A running embargo does not change. */
export function reject(embargo: Embargo, proposal: number, why: string, now: Instant): Embargo {
    assertOpen(embargo, proposal, now)
    return [...embargo, { kind: "rejected", at: now, proposal, why }]
}

/** Moves the end earlier or later. */
export function move(embargo: Embargo, endsAt: Instant, why: string, now: Instant, limits: Limits): Embargo {
    return moved(embargo, { endsAt, why, proposal: null }, now, limits)
}

/**
 * Proposes an early end, because secrecy may have failed.
 *
 * It ends nothing automatically: a person decides, or it expires at the proposed end. A second proposal for the same
 * reason adds nothing. Refuses `embargo.not_running`, `embargo.bad_deadline`.
 */
export function tearDown(embargo: Embargo, teardown: Teardown, now: Instant, withinMs: number = teardownMs): Embargo {
    assertRuns(embargo, now)
    if (!(withinMs >= hourMs && withinMs <= teardownMsMax)) {
        refuse("invalid", "embargo.bad_deadline", "bad deadline: use 1 hour to 14 days")
    }
    const waits = openProposals(embargo, now).some((proposal) => proposal.teardown?.trigger === teardown.trigger)
    if (waits) return embargo
    const endsAt = Math.min(now + withinMs, endOf(embargo) ?? Number.POSITIVE_INFINITY)
    const { trigger, owner } = teardown
    return [...embargo, { kind: "proposed", at: now, by: null, endsAt, teardown: { trigger, owner } }]
}

/** Terminates the embargo at once, because secrecy has failed. Refuses `embargo.not_running`. */
export function breakOff(embargo: Embargo, why: string, now: Instant): Embargo {
    assertRuns(embargo, now)
    return [...embargo, { kind: "terminated", at: now, why }]
}

/** Records that the case is public; publication calls it once the end has come. Refuses `embargo.not_due`. */
export function end(embargo: Embargo, now: Instant): Embargo {
    const state = phase(embargo, now)
    if (state !== "due" && state !== "terminated") {
        refuse("conflict", "embargo.not_due", `this embargo is not due: its state is \`${state}\``)
    }
    return [...embargo, { kind: "ended", at: now }]
}

interface Moving {
    readonly endsAt: Instant
    readonly why: string
    readonly proposal: number | null
}

function moved(embargo: Embargo, { endsAt, why, proposal }: Moving, now: Instant, limits: Limits): Embargo {
    assertRuns(embargo, now)
    const isLater = endsAt > (endOf(embargo) ?? 0)
    if (isLater && !(delaysIn(embargo) < limits.delaysMax)) {
        const line = `moved later too often: an embargo allows \`${limits.delaysMax}\` later ends`
        refuse("conflict", "embargo.moved_too_often", line)
    }
    checkEnd(embargo, endsAt, now, limits)
    return [...embargo, { kind: "moved", at: now, endsAt, why, proposal }]
}

/** Counts how often the end was moved later. */
export function delaysIn(embargo: Embargo): number {
    const ends = endsOf(embargo)
    return ends.filter((end, i) => i > 0 && end > (ends[i - 1] ?? 0)).length
}

/** Lists every agreed end, in order. */
function endsOf(embargo: Embargo): Instant[] {
    return embargo.flatMap((turn) => (turn.kind === "agreed" || turn.kind === "moved" ? [turn.endsAt] : []))
}

function startOf(embargo: Embargo): Instant | null {
    return embargo.find((turn) => turn.kind === "agreed")?.at ?? null
}

function isOver(embargo: Embargo, now: Instant): boolean {
    const until = endOf(embargo)
    return embargo.at(-1)?.kind === "ended" || (until !== null && until <= now)
}

function assertNotOver(embargo: Embargo, now: Instant): void {
    if (isOver(embargo, now))
        refuse("conflict", "embargo.already_ended", "this embargo has ended: its end cannot change")
}

function assertOpen(embargo: Embargo, proposal: number, now: Instant): Proposal {
    const open = openProposals(embargo, now).find(({ n }) => n === proposal)
    return open ?? refuse("conflict", "embargo.proposal_not_found", `no proposal \`${proposal}\` waits for a decision`)
}

function assertRuns(embargo: Embargo, now: Instant): void {
    const state = phase(embargo, now)
    if (state !== "running") {
        refuse("conflict", "embargo.not_running", `no running embargo: its state is \`${state}\``)
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
        refuse("invalid", "embargo.too_long", `the embargo is too long: it can last \`${limits.daysMax}\` days`)
    }
}
