/**
 * Decides which artifact a partner may have, in which form, from when, and why.
 *
 * Three layers apply, and each can only take away: preconditions that no policy lifts (status, agreement, overdue
 * requirements, consent), the policy, and the restriction of this partner. Remaining access opens when the wave is
 * released and its planned instant has come. Recalled artifacts are withheld from all partners. A closed case gives
 * only artifacts released before its closure, and a case whose content was deleted gives none. Without a rule that
 * permits, or on an error, the decision is to withhold.
 */
import type { Instant } from "@tocsin/base/instant"
import type { Evaluator } from "../../models/policy.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import { hasCaseAccess } from "../../trust/partners/partner.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { isRecalled } from "../artifacts/recall.ts"
import type { WaveTier } from "../waves/wave.ts"
import type { DecisionRequest, WaveFacts } from "./facts.ts"
import { ownReason } from "./reason-texts.ts"
import { type Outcome, type Reason, type Ruling, type Ruler, rulerOf, withhold } from "./ruling.ts"

/** What one partner gets of one artifact, with the reasons. */
export interface Decision {
    readonly outcome: Outcome
    /** The class handed out. For `reduced` it differs from the artifact's class, for `withheld` it is null. */
    readonly grantedClass: ArtifactClass | null
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
    readonly reasons: readonly Reason[]
}

/**
 * Decides about one partner and one artifact; `policy` names a loaded policy version. Pure: the same facts and instant
 * give the same decision.
 */
export function decide(engine: Evaluator, policy: string, request: DecisionRequest, now: Instant): Decision {
    return decideBy(rulerOf(engine, policy), request, now)
}

/**
 * Returns the decision at a past instant under any policy version.
 *
 * The facts must be those of that instant. A wave that was released later counts as not released.
 */
export function replay(engine: Evaluator, policy: string, request: DecisionRequest, at: Instant): Decision {
    const { waves } = request.artifact
    const waveAsOf = (wave: WaveFacts | null): WaveFacts | null =>
        wave && (isReached(wave.releasedAt, at) ? wave : { ...wave, releasedAt: null, version: null })
    const wavesThen = {
        validate: waveAsOf(waves.validate),
        advance: waveAsOf(waves.advance),
        entry: waveAsOf(waves.entry),
        publication: waveAsOf(waves.publication),
    }
    return decide(engine, policy, { ...request, artifact: { ...request.artifact, waves: wavesThen } }, at)
}

/** Decides as `decide` does, with a ruler that caches its rulings. Use it for many decisions under one policy. */
export function decideBy(ruler: Ruler, request: DecisionRequest, now: Instant): Decision {
    const unmet = unmetPreconditionsOf(request)
    if (unmet.length > 0) return withheldDecision(withhold(unmet))
    if (request.artifact.closure === "content_deleted")
        return withheldDecision(withhold([ownReason("closure", "case_content_deleted")]))
    const { outcome, grantedClass, reasons } = applyRestriction(ruler(request), request)
    if (grantedClass === null) return withheldDecision({ outcome, grantedClass, reasons })
    const waves = wavesOf(outcome, request)
    const { closure } = request.artifact
    if (closure !== null && waves.length === 0)
        return withheldDecision(withhold([ownReason("closure", `case_${closure}`), ...reasons]))
    const openingWaves = waves.map((wave) => request.artifact.waves[wave]).filter((waveFacts) => waveFacts !== null)
    const open = openingWaves.filter(
        (waveFacts) => isReached(waveFacts.releasedAt, now) && isReached(waveFacts.at, now),
    )
    const decision = {
        outcome,
        grantedClass,
        from: openingWaves[0]?.at ?? null,
        waves,
        released: openingWaves.some((waveFacts) => isReached(waveFacts.releasedAt, now)),
        available: open.length > 0,
        recalled: false,
        reasons,
    }
    return withholdRecalled(decision, open, request.artifact)
}

function withheldDecision(ruling: Ruling): Decision {
    return { ...ruling, from: null, waves: [], released: false, available: false, recalled: false }
}

/**
 * Withholds a recalled version, and gives no older version in its place. A newer version opens with the waves that are
 * not released yet.
 */
function withholdRecalled(
    decision: Decision,
    open: readonly WaveFacts[],
    { newest, recalled }: DecisionRequest["artifact"],
): Decision {
    const current = open.length > 0 ? Math.max(...open.map((wave) => wave.version ?? 0)) : newest
    if (!isRecalled(recalled, current)) return decision
    const reasons: Reason[] = [ownReason("recall", "recalled"), ...decision.reasons]
    if (isRecalled(recalled, newest)) return { ...withheldDecision(withhold(reasons)), recalled: true }
    return { ...decision, available: false, recalled: true, reasons }
}

/** Lists every precondition that the partner does not meet, independent of the policy. */
export function unmetPreconditionsOf({ partner, consent }: Pick<DecisionRequest, "partner" | "consent">): Reason[] {
    const reasons: Reason[] = []
    const add = (...reason: Parameters<typeof ownReason>) => reasons.push(ownReason(...reason))
    if (!hasCaseAccess(partner.status)) add("status", `status_${partner.status}`)
    if (partner.status === "restricted" && partner.restriction === null) {
        add("restriction", "restriction_missing")
    }
    if (partner.agreement === "none") add("agreement", "agreement_missing", "unmet")
    const isLapsed = partner.agreement === "expired" || partner.overdue.includes("agreement")
    if (isLapsed) add("agreement", "agreement_expired", "unmet")
    for (const kind of partner.overdue) if (kind !== "agreement") add("overdue", `overdue_${kind}`, "unmet")
    if (consent !== "signatory") add("consent", `consent_${consent}`, "unmet")
    return reasons
}

function applyRestriction(ruling: Ruling, { partner, artifact }: DecisionRequest): Ruling {
    const { restriction } = partner
    if (restriction === null || ruling.grantedClass === null || !coversArtifact(restriction, artifact)) return ruling
    const withheldClass = [artifact.class, ruling.grantedClass].find((kind) => restriction.withhold.includes(kind))
    if (withheldClass !== undefined) {
        const title = `A measure withholds the class \`${withheldClass}\` from this partner`
        const reason = { ...ownReason("restriction", "class_restricted"), title, withheldClass }
        return withhold([reason, ...ruling.reasons])
    }
    if (!restriction.notBeforePublication || ruling.outcome !== "full") return ruling
    const reasons = [ownReason("restriction", "restricted_to_publication"), ...ruling.reasons]
    return { ...ruling, outcome: "at_publication", reasons }
}

/** Whether the restriction covers this artifact's case, or a case from which that case descends. */
export function coversArtifact({ cases }: Restriction, artifact: DecisionRequest["artifact"]): boolean {
    return cases === null || [artifact.case, ...artifact.origins].some((caseId) => cases.includes(caseId))
}

/**
 * Lists the waves that open the artifact, the earliest planned first. Publication opens what no earlier wave has
 * opened.
 */
function wavesOf(outcome: Outcome, { partner, artifact }: DecisionRequest): WaveTier[] {
    const opening: WaveTier[] =
        outcome === "full" && partner.tier !== null ? [partner.tier, "publication"] : ["publication"]
    const plannedInstant = (wave: WaveTier): number => artifact.waves[wave]?.at ?? Infinity
    return opening.filter((wave) => artifact.waves[wave] !== null).sort((a, b) => plannedInstant(a) - plannedInstant(b))
}

function isReached(instant: Instant | null, now: Instant): boolean {
    return instant !== null && instant <= now
}
