/**
 * Decides which artifact a partner may have, in which form, from when, and why.
 *
 * Three layers apply, and each can only take away: preconditions that no policy lifts (status, agreement, overdue
 * requirements, consent), the policy, and the restriction of this partner. Access that remains opens when the wave is
 * released and its planned instant has come. Recalled artifacts are withheld from all partners. A closed case gives
 * only what was released before its closure. Without a rule that permits, or on an error, the decision is to withhold.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import { reachesCases } from "../../trust/partners/partner.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { isRecalled } from "../artifacts/recall.ts"
import type { WaveTier } from "../waves/wave.ts"
import type { Asked, Gate } from "./facts.ts"
import { type Outcome, type Reason, type Ruling, type Ruler, rulerOf, withhold } from "./ruling.ts"

/** What one partner gets of one artifact, with the reasons. */
export interface Decision {
    readonly outcome: Outcome
    /** The class handed out. For `reduced` it differs from the artifact's class, for `withheld` it is null. */
    readonly gives: ArtifactClass | null
    /** The planned instant. Null where nothing is given, or where no plan sets an instant. */
    readonly from: Instant | null
    /** The waves that open the artifact, the earliest planned first. */
    readonly waves: readonly WaveTier[]
    /** Whether one of these waves has been released. */
    readonly released: boolean
    /** Whether the artifact can be fetched now: one wave is released, and its planned instant has come. */
    readonly available: boolean
    /** Whether only a recall withholds the artifact, now or in the future. */
    readonly recalled: boolean
    readonly why: readonly Reason[]
}

/**
 * Decides about one partner and one artifact; `policy` names a loaded policy version. Pure: the same facts and instant
 * give the same decision.
 */
export function decide(engine: Evaluator, policy: string, request: Asked, now: Instant): Decision {
    return decideBy(rulerOf(engine, policy), request, now)
}

/**
 * Returns the decision at a past instant under any policy version.
 *
 * The facts must be those of that instant. A wave that was released later counts as not released.
 */
export function replay(engine: Evaluator, policy: string, request: Asked, at: Instant): Decision {
    const { waves } = request.artifact
    const then = (gate: Gate | null): Gate | null =>
        gate && (hasCome(gate.releasedAt, at) ? gate : { ...gate, releasedAt: null, version: null })
    const known = {
        validate: then(waves.validate),
        advance: then(waves.advance),
        entry: then(waves.entry),
        publication: then(waves.publication),
    }
    return decide(engine, policy, { ...request, artifact: { ...request.artifact, waves: known } }, at)
}

/** Decides as `decide` does, with a ruler that caches its rulings. Use it for many decisions under one policy. */
export function decideBy(ruler: Ruler, request: Asked, now: Instant): Decision {
    const floor = floorOf(request)
    if (floor.length > 0) return close(withhold(floor))
    const { outcome, gives, why } = restrict(ruler(request), request)
    if (gives === null) return close({ outcome, gives, why })
    const waves = wavesOf(outcome, request)
    const { closing } = request.artifact
    if (closing !== null && waves.length === 0) return close(withhold([closingReasons[closing], ...why]))
    const gates = waves.map((wave) => request.artifact.waves[wave]).filter((gate) => gate !== null)
    const open = gates.filter((gate) => hasCome(gate.releasedAt, now) && hasCome(gate.at, now))
    const decided = {
        outcome,
        gives,
        from: gates[0]?.at ?? null,
        waves,
        released: gates.some((gate) => hasCome(gate.releasedAt, now)),
        available: open.length > 0,
        recalled: false,
        why,
    }
    return callBack(decided, open, request.artifact)
}

function close(ruling: Ruling): Decision {
    return { ...ruling, from: null, waves: [], released: false, available: false, recalled: false }
}

/**
 * Withholds a recalled version, and gives no older version in its place. A newer version opens with the waves that are
 * not released yet.
 */
function callBack(decided: Decision, open: readonly Gate[], { newest, recalled }: Asked["artifact"]): Decision {
    const current = open.length > 0 ? Math.max(...open.map((gate) => gate.version ?? 0)) : newest
    if (!isRecalled(recalled, current)) return decided
    const why: Reason[] = [
        { policy: "recall", title: "The operator recalled it: nobody reads it", effect: "forbids" },
        ...decided.why,
    ]
    if (isRecalled(recalled, newest)) return { ...close(withhold(why)), recalled: true }
    return { ...decided, available: false, recalled: true, why }
}

/** Lists every precondition that the partner does not meet, whatever the policy says. */
export function floorOf({ partner, consent }: Pick<Asked, "partner" | "consent">): Reason[] {
    const against: Reason[] = []
    const add = (policy: string, title: string, effect: "forbids" | "unmet") => against.push({ policy, title, effect })
    if (!reachesCases(partner.standing)) add("standing", standingWords[partner.standing], "forbids")
    if (partner.standing === "restricted" && partner.restriction === null) {
        add("restriction", "The partner is restricted, and nothing says how", "forbids")
    }
    if (partner.agreement === "none") add("agreement", "The agreement is not accepted", "unmet")
    const lapsed = partner.agreement === "expired" || partner.overdue.includes("agreement")
    if (lapsed) add("agreement", "The agreement has lapsed: content waits until a lead accepts it", "unmet")
    for (const kind of partner.overdue) if (kind !== "agreement") add("overdue", overdueWords[kind], "unmet")
    if (consent !== "signatory") add("consent", consentWords[consent], "unmet")
    return against
}

const standingWords = {
    applicant: "The partner is still an applicant",
    invited: "The partner is invited, and has not joined",
    active: "The partner is active",
    restricted: "The partner is restricted",
    suspended: "The partner is suspended",
    terminated: "The partner is terminated",
    declined: "The partner was declined",
} as const

const overdueWords = {
    attestation: "The attestation is overdue: content waits until it is given",
    regular_reports: "A regular report is overdue, zero reports included: content waits until it is given",
    mailbox: "It is overdue to prove that the mailbox is read: content waits",
    key: "There has been no usable key for too long: content waits",
    lead: "There has been no lead on the roster for too long: content waits",
} as const

const consentWords = {
    none: "The partner has not been asked to keep this embargo",
    invited: "The partner has not answered the invitation to this embargo",
    signatory: "The partner keeps this embargo",
    expired: "The partner's consent to this embargo has lapsed",
    declined: "The partner declined this embargo",
} as const

const closed = (title: string): Reason => ({ policy: "closing", title, effect: "forbids" })

const closingReasons = {
    cancelled: closed("The case was cancelled: nothing of it opens"),
    withdrawn: closed("The case was withdrawn: nothing more of it opens"),
} as const

function restrict(ruling: Ruling, { partner, artifact }: Asked): Ruling {
    const { restriction } = partner
    if (restriction === null || ruling.gives === null || !concerns(restriction, artifact)) return ruling
    const lost = [artifact.class, ruling.gives].find((kind) => restriction.withhold.includes(kind))
    if (lost !== undefined) {
        return withhold([forbids(`A measure withholds the class ${lost} from this partner`), ...ruling.why])
    }
    if (!restriction.notBeforePublication || ruling.outcome !== "full") return ruling
    const why = [forbids("A measure holds this partner to publication"), ...ruling.why]
    return { ...ruling, outcome: "at_publication", why }
}

const forbids = (title: string): Reason => ({ policy: "restriction", title, effect: "forbids" })

/** Whether the restriction covers this artifact's case, or a case from which that case descends. */
export function concerns({ cases }: Restriction, artifact: Asked["artifact"]): boolean {
    return cases === null || [artifact.case, ...artifact.origins].some((caseId) => cases.includes(caseId))
}

/**
 * Lists the waves that open the artifact, the earliest planned first. Publication opens what no earlier wave has
 * opened.
 */
function wavesOf(outcome: Outcome, { partner, artifact }: Asked): WaveTier[] {
    const open: WaveTier[] =
        outcome === "full" && partner.tier !== null ? [partner.tier, "publication"] : ["publication"]
    const planned = (wave: WaveTier): number => artifact.waves[wave]?.at ?? Infinity
    return open.filter((wave) => artifact.waves[wave] !== null).sort((a, b) => planned(a) - planned(b))
}

function hasCome(instant: Instant | null, now: Instant): boolean {
    return instant !== null && instant <= now
}
