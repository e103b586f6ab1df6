/** Computes decisions at each read, from facts read in the same transaction. Decisions are never stored. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listCasesHidden } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { type Change, type PartnerFacts, asGiven, supposing } from "../../../trust/partners/facts.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { labelOf } from "../../artifacts/actions.ts"
import type { Decision } from "../decide.ts"
import { cellsOf, matrix } from "../matrix.ts"
import type { Rulings } from "../ruling.ts"
import { type Known, type Supposed, knownAbout, knownAt } from "./load-inputs.ts"
import { inForceAt, loadInForce, policyOf } from "./manage-policies.ts"
import { rulingsKept } from "./list-rulings.ts"

export interface Entitlement {
    readonly partner: string
    readonly case: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly decision: Decision
    /**
     * The newest version that the partner's open waves opened. Null where nothing is open, and where another class is
     * given: that is a separate artifact.
     */
    readonly version: number | null
    /**
     * When that version was released to this partner: by its waves, and not before the partner was eligible. Null where
     * nothing is open.
     */
    readonly releasedAt: Instant | null
    /** When the first version was released to this partner, by the same rule. */
    readonly firstReleasedAt: Instant | null
}

export interface Matrix {
    readonly case: string
    readonly at: Instant
    /** The policy version; null where none was active, and no partner had access. */
    readonly policy: number | null
    /** Whether the case was known at that instant as exploited before its publication. */
    readonly exploited: boolean
    readonly entitlements: readonly Entitlement[]
}

/**
 * Decides every partner × every artifact of a case, now or at a past instant, under the active or another policy
 * version.
 */
export async function matrixOf(
    ctx: ActionContext,
    caseId: string,
    on: {
        readonly at?: Instant | undefined
        readonly policy?: number | undefined
        /**
         * Supposes that every requirement is met, every invitation accepted and no case exploited. The result is the
         * most that a signature must cover.
         */
        readonly nothingOverdue?: true
        /** With `nothingOverdue`: uses the known exploitation of cases. */
        readonly asReported?: boolean
        /** Treats every partner as a signatory of the embargo. */
        readonly everybodyKeeps?: boolean
        /** Ignores this recall, or every recall for `every`. */
        readonly withoutRecall?: string
        readonly link?: Supposed["link"]
        /** Treats the partners as if this change were made. */
        readonly change?: Change
        /** Decides for this partner alone; null for all partners. */
        readonly partner?: string | null
    } = {},
): Promise<Matrix> {
    const at = on.at ?? ctx.now
    const policy = on.policy === undefined ? await inForceAt(ctx, at) : await policyOf(ctx, on.policy)
    const yesOf = on.everybodyKeeps ? "everybody" : on.nothingOverdue ? "asked" : undefined
    const supposed: Supposed = {
        without: on.withoutRecall,
        factsOf: factsSupposed(on),
        yesOf,
        link: on.link,
        quiet: on.nothingOverdue && !on.asReported,
    }
    const known = await knownAt(ctx, caseId, on.partner ?? null, at, supposed)
    const entitlements = entitlementsIn(ctx, loadInForce(ctx, policy), known)
    const exploited = known.cases.some((thisCase) => thisCase.id === caseId && thisCase.exploited)
    return { case: caseId, at, policy: policy?.version ?? null, exploited, entitlements }
}

function factsSupposed({ nothingOverdue, change }: { readonly nothingOverdue?: true; readonly change?: Change }) {
    if (!(nothingOverdue || change !== undefined)) return undefined
    return (facts: PartnerFacts): PartnerFacts => {
        const changed = change === undefined ? facts : supposing(facts, change)
        return nothingOverdue ? asGiven(changed) : changed
    }
}

/** An artifact, and each distinct decision about it. */
export interface DecidedArtifact {
    readonly case: string
    readonly class: ArtifactClass
    readonly decisions: readonly Decision[]
}

/**
 * Returns the decisions of `matrixOf` with `nothingOverdue` for many cases, without the partners. Reads facts once for
 * all cases and decides equal facts once.
 */
export async function decisionsAmong(ctx: ActionContext, cases: ReadonlySet<string>): Promise<DecidedArtifact[]> {
    if (cases.size === 0) return []
    const policy = await inForceAt(ctx, ctx.now)
    const known = await knownAt(ctx, null, null, ctx.now, { factsOf: asGiven, yesOf: "asked", quiet: true })
    const ground = { ...known, artifacts: known.artifacts.filter((artifact) => cases.has(artifact.case)) }
    const { rows } = matrix(ctx.services.policy, loadInForce(ctx, policy), ground, known.decidedAt)
    return ground.artifacts.map((artifact, n) => ({
        case: artifact.case,
        class: artifact.class,
        decisions: [...new Set(rows.flatMap(({ decisions }) => decisions[n] ?? []))],
    }))
}

/**
 * Returns what one partner may have now, of one case (null: all).
 *
 * All channels use it. Where a person of the partner acts, only the cases visible to this person count.
 */
export async function entitlementsOf(
    ctx: ActionContext,
    partner: string,
    caseId: string | null,
): Promise<Entitlement[]> {
    return (await decidedFor(ctx, partner, caseId)).entitlements
}

/** The decisions for one partner, and the facts read for them. */
export interface Decided extends Pick<Known, "cases" | "recalls"> {
    readonly entitlements: Entitlement[]
    /** The cases that the acting person may not see. */
    readonly hidden: ReadonlySet<string>
}

/** Returns the entitlements of `entitlementsOf`, with the facts read for them. */
export async function decidedFor(ctx: ActionContext, partner: string, caseId: string | null): Promise<Decided> {
    const [policy, known, hidden] = await Promise.all([
        inForceAt(ctx, ctx.now),
        knownAt(ctx, caseId, partner, ctx.now),
        listCasesHidden(ctx),
    ])
    const entitlements = entitlementsIn(ctx, loadInForce(ctx, policy), known, rulingsKept(ctx, policy))
    const { cases, recalls } = known
    return { cases, recalls, hidden, entitlements: entitlements.filter((entitlement) => !hidden.has(entitlement.case)) }
}

/**
 * Returns what one partner may have now of one artifact. Null where the artifact does not exist or is hidden from the
 * acting person.
 */
export async function entitlementTo(
    ctx: ActionContext,
    partner: string,
    artifact: string,
): Promise<Entitlement | null> {
    const label = labelOf(ctx, artifact)
    const [known, hidden, policy] = await Promise.all([
        knownAbout(ctx, label, partner, ctx.now),
        listCasesHidden(ctx),
        inForceAt(ctx, ctx.now),
    ])
    const rulings = rulingsKept(ctx, policy)
    const [entitlement] = known === null ? [] : entitlementsIn(ctx, loadInForce(ctx, policy), known, rulings)
    return entitlement && !hidden.has(entitlement.case) ? entitlement : null
}

function entitlementsIn(ctx: ActionContext, policy: string, known: Known, rulings?: Rulings): Entitlement[] {
    const openedOf = Map.groupBy(known.opened, (item) => item.artifact)
    const eligible = new Map(known.partners.map((partner) => [partner.partner, partner.eligibleSince ?? 0]))
    return cellsOf(matrix(ctx.services.policy, policy, known, known.decidedAt, rulings))
        .flatMap(({ partner, artifact, decision }) => {
            const labelled = known.artifactsById.get(artifact)
            if (!labelled) return []
            const opened = openedOf.get(artifact) ?? []
            const version = openVersion({ opened }, artifact, decision)
            const released = opened.filter((item) => decision.waves.includes(item.tier))
            const earliestOf = (some: typeof released) => {
                const earliest = Math.min(...some.map((item) => item.at))
                return version === null ? null : Math.max(earliest, eligible.get(partner) ?? 0)
            }
            const releasedAt = earliestOf(released.filter((item) => item.version === version))
            const firstReleasedAt = earliestOf(released)
            return [
                {
                    partner,
                    case: labelled.case,
                    artifact,
                    class: labelled.class,
                    decision,
                    version,
                    releasedAt,
                    firstReleasedAt,
                },
            ]
        })
        .toArray()
}

/** Returns the version that this decision opens; null where none is open. */
export function openVersion(known: Pick<Known, "opened">, artifact: string, decision: Decision): number | null {
    if (!decision.available || decision.outcome === "reduced") return null
    const entries = known.opened.filter((item) => item.artifact === artifact && decision.waves.includes(item.tier))
    return entries.length > 0 ? Math.max(...entries.map((entry) => entry.version)) : null
}
