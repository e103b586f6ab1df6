/** Computes decisions at each read, from facts read in the same transaction. Decisions are never stored. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listHiddenCases } from "../../../trust/partners/roster/actions/set-access-list.ts"
import { type FactChange, type PartnerFacts, withRequirementsMet, withChange } from "../../../trust/partners/facts.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { findLabel } from "../../artifacts/actions/load-artifacts.ts"
import type { Decision } from "../decide.ts"
import { cellsOf, decideMatrix } from "../matrix.ts"
import type { Rulings } from "../ruling.ts"
import {
    type DecisionFacts,
    type Assumptions,
    loadArtifactDecisionFacts,
    loadDecisionFacts,
} from "./load-decision-facts.ts"
import { findActivePolicy, loadActiveIntoEngine, loadPolicyVersion } from "./manage-policies.ts"
import { cachedRulings } from "./cache-rulings.ts"

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

export interface CaseMatrix {
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
export async function loadMatrix(
    ctx: ActionContext,
    caseId: string,
    options: {
        readonly at?: Instant | undefined
        readonly policy?: number | undefined
        /**
         * Assumes that every requirement is met, every invitation accepted and no case exploited. The result is the
         * most that a signature must cover.
         */
        readonly nothingOverdue?: true
        /** With `nothingOverdue`: uses the known exploitation of cases. */
        readonly asReported?: boolean
        /** Treats every partner as a signatory of the embargo. */
        readonly everyoneSignatory?: boolean
        /** Ignores this recall, or every recall for `every`. */
        readonly withoutRecall?: string
        readonly link?: Assumptions["link"]
        /** Treats the partners as if this change were made. */
        readonly change?: FactChange
        /** Decides for this partner alone; null for all partners. */
        readonly partner?: string | null
    } = {},
): Promise<CaseMatrix> {
    const at = options.at ?? ctx.now
    const policy =
        options.policy === undefined ? await findActivePolicy(ctx, at) : await loadPolicyVersion(ctx, options.policy)
    const assumedSignatories = options.everyoneSignatory ? "all" : options.nothingOverdue ? "invited" : undefined
    const assumptions: Assumptions = {
        ignoredRecall: options.withoutRecall,
        factsOf: assumedFacts(options),
        assumedSignatories,
        link: options.link,
        ignoreExploitation: options.nothingOverdue && !options.asReported,
    }
    const loadedFacts = await loadDecisionFacts(ctx, caseId, options.partner ?? null, at, assumptions)
    const entitlements = entitlementsIn(ctx, loadActiveIntoEngine(ctx, policy), loadedFacts)
    const exploited = loadedFacts.cases.some((thisCase) => thisCase.id === caseId && thisCase.exploited)
    return { case: caseId, at, policy: policy?.version ?? null, exploited, entitlements }
}

function assumedFacts({ nothingOverdue, change }: { readonly nothingOverdue?: true; readonly change?: FactChange }) {
    if (!(nothingOverdue || change !== undefined)) return undefined
    return (facts: PartnerFacts): PartnerFacts => {
        const changed = change === undefined ? facts : withChange(facts, change)
        return nothingOverdue ? withRequirementsMet(changed) : changed
    }
}

/** An artifact, and each distinct decision about it. */
export interface ArtifactDecisions {
    readonly case: string
    readonly class: ArtifactClass
    readonly decisions: readonly Decision[]
}

/**
 * Returns the decisions of `loadMatrix` with `nothingOverdue` for many cases, without the partners. Reads facts once
 * for all cases and decides equal facts once.
 */
export async function listArtifactDecisions(
    ctx: ActionContext,
    cases: ReadonlySet<string>,
): Promise<ArtifactDecisions[]> {
    if (cases.size === 0) return []
    const policy = await findActivePolicy(ctx, ctx.now)
    const loadedFacts = await loadDecisionFacts(ctx, null, null, ctx.now, {
        factsOf: withRequirementsMet,
        assumedSignatories: "invited",
        ignoreExploitation: true,
    })
    const facts = { ...loadedFacts, artifacts: loadedFacts.artifacts.filter((artifact) => cases.has(artifact.case)) }
    const { rows } = decideMatrix(ctx.services.policy, loadActiveIntoEngine(ctx, policy), facts, loadedFacts.decidedAt)
    return facts.artifacts.map((artifact, n) => ({
        case: artifact.case,
        class: artifact.class,
        decisions: [...new Set(rows.flatMap(({ decisions }) => decisions[n] ?? []))],
    }))
}

/**
 * Returns the entitlements of one partner now, of one case (null: all).
 *
 * All channels use it. Where a person of the partner acts, only the cases visible to this person count.
 */
export async function listEntitlements(
    ctx: ActionContext,
    partner: string,
    caseId: string | null,
): Promise<Entitlement[]> {
    return (await loadEntitlements(ctx, partner, caseId)).entitlements
}

/** The decisions for one partner, and the facts read for them. */
export interface PartnerEntitlements extends Pick<DecisionFacts, "cases" | "recalls"> {
    readonly entitlements: Entitlement[]
    /** The cases that the acting person may not see. */
    readonly hidden: ReadonlySet<string>
}

/** Returns the entitlements of `listEntitlements`, with the facts read for them. */
export async function loadEntitlements(
    ctx: ActionContext,
    partner: string,
    caseId: string | null,
): Promise<PartnerEntitlements> {
    const [policy, loadedFacts, hidden] = await Promise.all([
        findActivePolicy(ctx, ctx.now),
        loadDecisionFacts(ctx, caseId, partner, ctx.now),
        listHiddenCases(ctx),
    ])
    const entitlements = entitlementsIn(ctx, loadActiveIntoEngine(ctx, policy), loadedFacts, cachedRulings(ctx, policy))
    const { cases, recalls } = loadedFacts
    return { cases, recalls, hidden, entitlements: entitlements.filter((entitlement) => !hidden.has(entitlement.case)) }
}

/**
 * Returns the entitlement of one partner to one artifact now. Null where the artifact does not exist or is hidden from
 * the acting person.
 */
export async function findEntitlement(
    ctx: ActionContext,
    partner: string,
    artifact: string,
): Promise<Entitlement | null> {
    const label = findLabel(ctx, artifact)
    const [loadedFacts, hidden, policy] = await Promise.all([
        loadArtifactDecisionFacts(ctx, label, partner, ctx.now),
        listHiddenCases(ctx),
        findActivePolicy(ctx, ctx.now),
    ])
    const rulings = cachedRulings(ctx, policy)
    const [entitlement] =
        loadedFacts === null ? [] : entitlementsIn(ctx, loadActiveIntoEngine(ctx, policy), loadedFacts, rulings)
    return entitlement && !hidden.has(entitlement.case) ? entitlement : null
}

function entitlementsIn(
    ctx: ActionContext,
    policy: string,
    loadedFacts: DecisionFacts,
    rulings?: Rulings,
): Entitlement[] {
    const openedOf = Map.groupBy(loadedFacts.opened, (openedVersion) => openedVersion.artifact)
    const eligible = new Map(loadedFacts.partners.map((partner) => [partner.partner, partner.eligibleSince ?? 0]))
    return cellsOf(decideMatrix(ctx.services.policy, policy, loadedFacts, loadedFacts.decidedAt, rulings))
        .flatMap(({ partner, artifact, decision }) => {
            const labelled = loadedFacts.artifactsById.get(artifact)
            if (!labelled) return []
            const opened = openedOf.get(artifact) ?? []
            const version = openVersionOf({ opened }, artifact, decision)
            const released = opened.filter((openedVersion) => decision.waves.includes(openedVersion.tier))
            const earliestOf = (versions: typeof released) => {
                const earliest = Math.min(...versions.map((openedVersion) => openedVersion.at))
                return version === null ? null : Math.max(earliest, eligible.get(partner) ?? 0)
            }
            const releasedAt = earliestOf(released.filter((openedVersion) => openedVersion.version === version))
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
export function openVersionOf(
    loadedFacts: Pick<DecisionFacts, "opened">,
    artifact: string,
    decision: Decision,
): number | null {
    if (!decision.available || decision.outcome === "reduced") return null
    const entries = loadedFacts.opened.filter(
        (openedVersion) => openedVersion.artifact === artifact && decision.waves.includes(openedVersion.tier),
    )
    return entries.length > 0 ? Math.max(...entries.map((entry) => entry.version)) : null
}
