/** Decisions, computed at each read from facts that are read in the same transaction. None is ever kept. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { ArtifactClass } from "../../artifacts/artifact.ts"
import { caseOf } from "../../artifacts/actions.ts"
import type { Decision } from "../decide.ts"
import { matrix } from "../matrix.ts"
import { type Known, knownAt } from "./circle.ts"
import { inForceAt, loadPolicy, policyOf } from "./policies.ts"

export interface Entitlement {
    readonly partner: string
    readonly case: string
    readonly artifact: string
    readonly class: ArtifactClass
    readonly decision: Decision
    /**
     * The version that can be had: of those that the partner's open waves opened, the newest. Null where nothing is
     * open, and where another class stands in, which is an artifact of its own.
     */
    readonly version: number | null
}

export interface Matrix {
    readonly case: string
    readonly at: Instant
    /** The policy version; null where none was in force: then nobody had anything. */
    readonly policy: number | null
    readonly entitlements: readonly Entitlement[]
}

/** Every partner × every artifact of a case; at a past instant and under another policy version to replay it. */
export async function matrixOf(
    act: Act,
    caseId: string,
    on: { readonly at?: Instant | undefined; readonly policy?: number | undefined } = {},
): Promise<Matrix> {
    const at = on.at ?? act.now
    const policy = on.policy === undefined ? await inForceAt(act, at) : await policyOf(act, on.policy)
    const known = await knownAt(act, caseId, null, at)
    const entitlements = entitlementsIn(act, policy ? loadPolicy(act, policy) : noPolicy, known, at)
    return { case: caseId, at, policy: policy?.version ?? null, entitlements }
}

/** What one partner may have now, of one case (null: of all). For every channel. */
export async function entitlementsOf(act: Act, partner: string, caseId: string | null): Promise<Entitlement[]> {
    const policy = await inForceAt(act, act.now)
    const known = await knownAt(act, caseId, partner, act.now)
    return entitlementsIn(act, policy ? loadPolicy(act, policy) : noPolicy, known, act.now)
}

/** What one partner may have now of one artifact; null where there is no such artifact. */
export async function entitlementTo(act: Act, partner: string, artifact: string): Promise<Entitlement | null> {
    const caseId = await caseOf(act, artifact)
    if (caseId === null) return null
    const policy = await inForceAt(act, act.now)
    const known = await knownAt(act, caseId, partner, act.now)
    const alone = { ...known, artifacts: known.artifacts.filter((one) => one.artifact === artifact) }
    return entitlementsIn(act, policy ? loadPolicy(act, policy) : noPolicy, alone, act.now)[0] ?? null
}

/** Asked like any other, and unknown to the engine: an error, and so a no. */
const noPolicy = "none in force"

function entitlementsIn(act: Act, policy: string, known: Known, at: Instant): Entitlement[] {
    return matrix(act.doors.policy, policy, known, at).flatMap(({ partner, artifact, decision }) => {
        const of = known.artifactsById.get(artifact)
        if (!of) return []
        const version = openVersion(known, artifact, decision)
        return [{ partner, case: of.case, artifact, class: of.class, decision, version }]
    })
}

function openVersion(known: Known, artifact: string, decision: Decision): number | null {
    if (!decision.available || decision.outcome === "reduced") return null
    const its = known.opened.filter((one) => one.artifact === artifact && decision.waves.includes(one.tier))
    return its.length > 0 ? Math.max(...its.map((one) => one.version)) : null
}
