/**
 * The embargo clock: until when a case is secret, and what may move that end.
 *
 * An embargo is never an edited date. It is a list of turns, and every answer is computed from that list, so that
 * the history and the answer cannot disagree. It never delays without end, and what is over stays over.
 *
 * It is negotiated as in CERT/CC's Vultron protocol: none → proposed → active ⇄ revise → exited. Of several proposals
 * the shortest wins, and the others go on as revisions, beside which the embargo runs as it did.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { shippedRules } from "../../trust/partners/program-rules.ts"

/** Who says something: a party of the case, by its id; null: the operator. */
export type Voice = string | null

/** What speaks for an early end. */
export const triggers = ["exploitation", "public proof of concept", "listed as exploited", "leak"] as const
export type Trigger = (typeof triggers)[number]

/** A proposed end with a reason that presses, and with a person who is to see to its decision; null: whoever may. */
export interface Teardown {
    readonly trigger: Trigger
    readonly owner: string | null
}

export type Turn =
    | {
          readonly kind: "proposed"
          readonly at: Instant
          readonly by: Voice
          readonly endsAt: Instant
          readonly teardown: Teardown | null
      }
    /** `proposal` is the place of a `proposed` turn in the list, here as below. */
    | { readonly kind: "rejected"; readonly at: Instant; readonly proposal: number; readonly why: string }
    | { readonly kind: "agreed"; readonly at: Instant; readonly endsAt: Instant; readonly proposal: number | null }
    | {
          readonly kind: "moved"
          readonly at: Instant
          readonly endsAt: Instant
          readonly why: string
          readonly proposal: number | null
      }
    | { readonly kind: "broken"; readonly at: Instant; readonly why: string }
    | { readonly kind: "ended"; readonly at: Instant }

/**
 * INVARIANT: at most one `agreed`; `moved` only after it; after `broken` only `ended`, and nothing after that;
 * each proposal is decided once; instants never go back.
 */
export type Embargo = readonly Turn[]

/** As the clock tells it. `due`: its end has come, and publication has not yet recorded it. */
export type Phase = "none" | "proposed" | "running" | "due" | "broken" | "ended"

/** As the negotiation tells it. `revise`: it runs, and other ends are proposed. */
export type EmbargoState = "none" | "proposed" | "active" | "revise" | "exited"

export interface Limits {
    /** From the day it was agreed to its end, however often it is moved: the program's rule. */
    readonly daysMax: number
    /** How often its end may be moved later. Earlier costs nothing. */
    readonly delaysMax: number
    /** Of one party, that are open at the same time. */
    readonly proposalsMax: number
}

export const shippedLimits: Limits = { ...shippedRules.embargo, delaysMax: 5, proposalsMax: 5 }

/** How long a proposed teardown waits for its decision; then it lapses to the running terms. */
export const teardownMs = 48 * hourMs
const teardownMsMax = 14 * dayMs

/** Half-open: at its end it runs no more. */
export function phase(embargo: Embargo, now: Instant): Phase {
    const last = embargo.at(-1)
    if (last?.kind === "broken" || last?.kind === "ended") return last.kind
    const until = endOf(embargo)
    if (until === null) return openProposals(embargo, now).length > 0 ? "proposed" : "none"
    return now < until ? "running" : "due"
}

export function stateOf(embargo: Embargo, now: Instant): EmbargoState {
    const value = phase(embargo, now)
    if (value === "none" || value === "proposed") return value
    if (value !== "running") return "exited"
    return openProposals(embargo, now).length > 0 ? "revise" : "active"
}

/** The instant at which secrecy ends, or ended; null where none was ever agreed. */
export function endOf(embargo: Embargo): Instant | null {
    const agreed = embargo.findLast((turn) => turn.kind === "agreed" || turn.kind === "moved")
    if (agreed === undefined) return null
    const broken = embargo.find((turn) => turn.kind === "broken")
    return broken ? Math.min(broken.at, agreed.endsAt) : agreed.endsAt
}

/** When publication was recorded; null while the case is not public. */
export function publishedAt(embargo: Embargo): Instant | null {
    return embargo.find((turn) => turn.kind === "ended")?.at ?? null
}

/** From its agreement to the latest end that it ever had, in milliseconds; null where none was ever agreed. */
export function longestOf(embargo: Embargo): number | null {
    const start = startOf(embargo)
    return start === null ? null : Math.max(...endsOf(embargo)) - start
}

/** Since when it has the latest end that it ever had; null where none was ever agreed. */
export function longestSince(embargo: Embargo): Instant | null {
    const latest = Math.max(...endsOf(embargo))
    return (
        embargo.find((turn) => (turn.kind === "agreed" || turn.kind === "moved") && turn.endsAt === latest)?.at ?? null
    )
}

/** The embargo as it stood at an instant. */
export function upTo(embargo: Embargo, instant: Instant): Embargo {
    return embargo.filter((turn) => turn.at <= instant)
}

export interface Proposal {
    /** Its place in the list of turns. */
    readonly n: number
    readonly at: Instant
    readonly by: Voice
    readonly endsAt: Instant
    readonly teardown: Teardown | null
}

/** What waits for a decision, in its order. A proposal whose end has come lapses, and so do all once it is over. */
export function openProposals(embargo: Embargo, now: Instant): Proposal[] {
    if (isOver(embargo, now)) return []
    const decided = new Set(embargo.map((turn) => ("proposal" in turn ? turn.proposal : null)))
    return embargo.flatMap((turn, n) => {
        if (turn.kind !== "proposed" || decided.has(n) || turn.endsAt <= now) return []
        return [{ n, at: turn.at, by: turn.by, endsAt: turn.endsAt, teardown: turn.teardown }]
    })
}

/** The one that wins: that with the earliest end, and of these the first. */
export function shortestOf(proposals: readonly Proposal[]): Proposal | null {
    return proposals.toSorted((a, b) => a.endsAt - b.endsAt || a.n - b.n)[0] ?? null
}

/** Proposes an end, or while it runs another end. */
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
        const most = `\`${limits.proposalsMax}\` proposals of one party wait at most: wait for a decision`
        refuse("conflict", "embargo.too_many_proposals", most)
    }
    return [...embargo, { kind: "proposed", at: now, by, endsAt, teardown: null }]
}

/**
 * Begins the embargo. Without an end of one's own, or with one that is later than what is proposed, the shortest
 * proposal wins; the others go on as revisions.
 */
export function agree(embargo: Embargo, endsAt: Instant | null, now: Instant, limits: Limits): Embargo {
    if (startOf(embargo) !== null) refuse("conflict", "embargo.already_agreed", "this case has an embargo already")
    const shortest = shortestOf(openProposals(embargo, now))
    const wanted = endsAt ?? shortest?.endsAt
    if (wanted === undefined) refuse("conflict", "embargo.no_end_proposed", "no end is proposed: say which one")
    checkEnd(embargo, wanted, now, limits)
    if (shortest === null || shortest.endsAt > wanted) {
        return [...embargo, { kind: "agreed", at: now, endsAt: wanted, proposal: null }]
    }
    const also: Embargo =
        shortest.endsAt < wanted ? [{ kind: "proposed", at: now, by: null, endsAt: wanted, teardown: null }] : []
    checkEnd(embargo, shortest.endsAt, now, limits)
    return [...embargo, ...also, { kind: "agreed", at: now, endsAt: shortest.endsAt, proposal: shortest.n }]
}

/** Accepts an open proposal: the first begins the embargo, a later one moves its end. */
export function accept(embargo: Embargo, proposal: number, now: Instant, limits: Limits): Embargo {
    const input = assertOpen(embargo, proposal, now)
    if (startOf(embargo) !== null) return moved(embargo, { endsAt: input.endsAt, why: "", proposal }, now, limits)
    const shortest = shortestOf(openProposals(embargo, now))
    if (shortest !== null && shortest.endsAt < input.endsAt) {
        const line = "an earlier end is proposed: accept that one, and this one goes on as a revision"
        refuse("conflict", "embargo.shorter_proposed", line)
    }
    checkEnd(embargo, input.endsAt, now, limits)
    return [...embargo, { kind: "agreed", at: now, endsAt: input.endsAt, proposal }]
}

/** Turns a proposal down. What runs goes on as it did. */
export function reject(embargo: Embargo, proposal: number, why: string, now: Instant): Embargo {
    assertOpen(embargo, proposal, now)
    return [...embargo, { kind: "rejected", at: now, proposal, why }]
}

/** Moves the end, earlier or later. */
export function move(embargo: Embargo, endsAt: Instant, why: string, now: Instant, limits: Limits): Embargo {
    return moved(embargo, { endsAt, why, proposal: null }, now, limits)
}

/**
 * Proposes an early end, because secrecy may have failed. It ends nothing: it is decided, or lapses to the running
 * terms when the proposed end has come. While one for the same reason waits, it is that one.
 */
export function tearDown(embargo: Embargo, teardown: Teardown, now: Instant, withinMs: number = teardownMs): Embargo {
    assertRuns(embargo, now)
    if (!(withinMs >= hourMs && withinMs <= teardownMsMax)) {
        refuse("invalid", "embargo.bad_deadline", "a teardown is decided within 1 hour to 14 days")
    }
    const waits = openProposals(embargo, now).some((proposal) => proposal.teardown?.trigger === teardown.trigger)
    if (waits) return embargo
    const endsAt = Math.min(now + withinMs, endOf(embargo) ?? Number.POSITIVE_INFINITY)
    const { trigger, owner } = teardown
    return [...embargo, { kind: "proposed", at: now, by: null, endsAt, teardown: { trigger, owner } }]
}

/** Ends secrecy at once, because it has failed: a leak, an exploit in the wild, a disclosure by others. */
export function breakOff(embargo: Embargo, why: string, now: Instant): Embargo {
    assertRuns(embargo, now)
    return [...embargo, { kind: "broken", at: now, why }]
}

/** Notes that the thing is public: written by publication itself, once its instant has come. */
export function end(embargo: Embargo, now: Instant): Embargo {
    const state = phase(embargo, now)
    if (state !== "due" && state !== "broken") {
        refuse("conflict", "embargo.not_due", `an embargo ends when its instant has come: its state is \`${state}\``)
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
        const line = `the end of an embargo can be moved later \`${limits.delaysMax}\` times at most`
        refuse("conflict", "embargo.moved_too_often", line)
    }
    checkEnd(embargo, endsAt, now, limits)
    return [...embargo, { kind: "moved", at: now, endsAt, why, proposal }]
}

/** How often the end was moved later. */
export function delaysIn(embargo: Embargo): number {
    const ends = endsOf(embargo)
    return ends.filter((end, i) => i > 0 && end > (ends[i - 1] ?? 0)).length
}

/** Every end that was agreed, in the order in which they were. */
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
        refuse("conflict", "embargo.already_ended", "this embargo is over: no other end can be proposed")
}

function assertOpen(embargo: Embargo, proposal: number, now: Instant): Proposal {
    const open = openProposals(embargo, now).find((item) => item.n === proposal)
    return open ?? refuse("conflict", "embargo.proposal_not_found", `no proposal \`${proposal}\` waits for a decision`)
}

function assertRuns(embargo: Embargo, now: Instant): void {
    const state = phase(embargo, now)
    if (state !== "running") {
        refuse("conflict", "embargo.not_running", `no embargo is running here: its state is \`${state}\``)
    }
}

/** An end that is earlier than the one that runs is never too late, whatever has become of the limit since. */
function checkEnd(embargo: Embargo, endsAt: Instant, now: Instant, limits: Limits): void {
    if (!(endsAt > now)) refuse("invalid", "embargo.end_in_past", "an embargo must end in the future")
    if (endsAt <= (endOf(embargo) ?? now)) return
    if (!(endsAt - (startOf(embargo) ?? now) <= limits.daysMax * dayMs)) {
        refuse("invalid", "embargo.too_long", `an embargo can last \`${limits.daysMax}\` days at most`)
    }
}
