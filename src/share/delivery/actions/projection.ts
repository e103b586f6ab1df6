/**
 * What a partner may see of a case at an instant. Every channel renders this, and nothing else.
 *
 * A case exists for a partner from the moment when one of its artifacts can be had; then what is still to come is
 * shown with it. What is withheld is not mentioned.
 */
import type { Instant } from "../../../lib/instant.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import type { ArtifactClass, Pap, Tlp } from "../../artifacts/artifact.ts"
import { artifactsOf } from "../../artifacts/actions.ts"
import { type CaseFile, caseFiles } from "../../cases/actions.ts"
import { type Entitlement, entitlementsOf } from "../../entitlement/actions/entitlements.ts"
import { nameFor } from "./names.ts"
import * as store from "../store.ts"

export interface WarnedArtifact {
    /** As this partner sees it. */
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    /** The version that can be had; null while it is still to come. */
    readonly version: number | null
    readonly from: Instant
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
}

export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: CaseFile["vulnerabilities"]
    readonly products: CaseFile["products"]
    /** Until when it is secret. */
    readonly publication: Instant | null
    readonly published: boolean
    readonly artifacts: readonly WarnedArtifact[]
}

export async function warningsFor(act: Act, partner: string): Promise<Warning[]> {
    const entitlements = await entitlementsOf(act, partner, null)
    const cases = new Set(entitlements.filter((one) => one.version !== null).map((one) => one.case))
    if (cases.size === 0) return []
    const filter = { partner, case: null, before: null }
    const fetched = new Map((await store.deliveries(act.tx, filter)).map((one) => [one.artifact, one.at]))
    const said = new Map((await store.acknowledgements(act.tx, filter)).map((one) => [one.artifact, one.at]))
    const artifacts = new Map((await artifactsOf(act, null)).map((one) => [one.id, one]))
    const warned = (one: Entitlement): WarnedArtifact[] => {
        const artifact = artifacts.get(one.artifact)
        const { from, outcome } = one.decision
        if (!artifact || from === null || outcome === "reduced") return []
        return [
            {
                id: nameFor(act.doors.keys, partner, "artifact", artifact.id),
                class: artifact.class,
                tlp: artifact.tlp,
                pap: artifact.pap,
                name: artifact.name,
                version: one.version,
                from,
                fetchedAt: fetched.get(artifact.id) ?? null,
                acknowledgedAt: said.get(artifact.id) ?? null,
            },
        ]
    }
    const files = (await caseFiles(act)).filter(({ id }) => cases.has(id))
    return files.map((file) => ({
        id: nameFor(act.doors.keys, partner, "warning", file.id),
        title: file.title,
        vulnerabilities: file.vulnerabilities,
        products: file.products,
        publication: file.publication,
        published: file.embargo.at(-1)?.kind === "ended",
        artifacts: entitlements.filter((one) => one.case === file.id).flatMap(warned),
    }))
}

/** The partner whose person acts; a programming error elsewhere, since the guard has let only partners here. */
export function partnerOf(act: Act): { partner: string; person: string } {
    const person = personOf(act.actor)
    if (act.actor.kind !== "partner" || person === null) throw new Error("not a partner's person")
    return { partner: act.actor.partner, person }
}
