/**
 * The decision: what this partner may have of this artifact, in which form, from when, and why.
 *
 * Three layers, each of which can only take away. A floor that no policy lifts (standing, agreement, what is overdue,
 * consent); the policy; the restriction of this one partner. What is left opens through two gates: the wave must have been
 * released, and its instant must have come. What is recalled is nobody's, and of a case that was closed nothing opens that
 * had not fallen. No yes without a rule that says so; an error is a no.
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

export interface Decision {
    readonly outcome: Outcome
    /** The class handed out: for `reduced` another than the artifact's own, for `withheld` none. */
    readonly gives: ArtifactClass | null
    /** By plan. Null where nothing is given, or no plan says when. */
    readonly from: Instant | null
    /** The waves that open it, the earliest plan first; what a wave covered is what it opens. */
    readonly waves: readonly WaveTier[]
    /** One of these waves has been released. */
    readonly released: boolean
    /** Both gates are open: it can be had now. */
    readonly available: boolean
    /** It could be had, or would be, if the operator had not recalled it. */
    readonly recalled: boolean
    readonly why: readonly Reason[]
}

/** `policy` names a loaded policy version. Pure: the same facts and instant give the same decision. */
export function decide(engine: Evaluator, policy: string, request: Asked, now: Instant): Decision {
    return decideBy(rulerOf(engine, policy), request, now)
}

/**
 * The decision as it was, or would have been, at a past instant under some policy version. The facts are those of
 * that instant; of a wave that was released only later, nothing is known yet.
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

/** As `decide`, with a ruler that remembers: for many decisions under one policy. */
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
 * A recalled version is not had, and no older one in its place. Where a newer one is written, the waves that are still
 * to fall open that.
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

/** What must hold whatever the policy says. Every reason against, not the first alone. */
export function floorOf({ partner, consent }: Pick<Asked, "partner" | "consent">): Reason[] {
    const against: Reason[] = []
    const add = (policy: string, title: string, effect: "forbids" | "unmet") => against.push({ policy, title, effect })
    if (!reachesCases(partner.standing)) add("standing", standingWords[partner.standing], "forbids")
    if (partner.standing === "restricted" && partner.restriction === null) {
        add("restriction", "The partner is restricted, and nothing says how", "forbids")
    }
    if (partner.agreement === "none") add("agreement", "The agreement is not accepted", "unmet")
    const lapsed = partner.agreement === "lapsed" || partner.overdue.includes("agreement")
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
    "regular reports": "A regular report is overdue, zero reports included: content waits until it is given",
    mailbox: "It is overdue to prove that the mailbox is read: content waits",
    key: "There has been no usable key for too long: content waits",
    lead: "There has been no lead on the roster for too long: content waits",
} as const

const consentWords = {
    none: "The partner has not been asked to keep this embargo",
    invited: "The partner has not answered the invitation to this embargo",
    signatory: "The partner keeps this embargo",
    lapsed: "The partner's consent to this embargo has lapsed",
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
    const lost = [artifact.class, ruling.gives].find((item) => restriction.withhold.includes(item))
    if (lost !== undefined) {
        return withhold([forbids(`A measure withholds the class ${lost} from this partner`), ...ruling.why])
    }
    if (!restriction.notBeforePublication || ruling.outcome !== "full") return ruling
    const why = [forbids("A measure holds this partner to publication"), ...ruling.why]
    return { ...ruling, outcome: "atPublication", why }
}

const forbids = (title: string): Reason => ({ policy: "restriction", title, effect: "forbids" })

/** Whether the restriction is about this artifact's case, or one that it descends from. */
export function concerns({ cases }: Restriction, artifact: Asked["artifact"]): boolean {
    return cases === null || [artifact.case, ...artifact.origins].some((item) => cases.includes(item))
}

/** Publication is the last wave: it opens what an earlier one has not. */
function wavesOf(outcome: Outcome, { partner, artifact }: Asked): WaveTier[] {
    const open: WaveTier[] =
        outcome === "full" && partner.tier !== null ? [partner.tier, "publication"] : ["publication"]
    const planned = (wave: WaveTier): number => artifact.waves[wave]?.at ?? Infinity
    return open.filter((wave) => artifact.waves[wave] !== null).sort((a, b) => planned(a) - planned(b))
}

function hasCome(instant: Instant | null, now: Instant): boolean {
    return instant !== null && instant <= now
}
