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
import { artifactsAmong } from "../../artifacts/actions.ts"
import { type CaseFile, caseFiles } from "../../cases/actions.ts"
import { type Entitlement, entitlementsOf } from "../../entitlement/actions/entitlements.ts"
import { nameFor } from "./names.ts"
import { type OwnRecall, ownRecalls } from "./own-recalls.ts"
import * as store from "../store.ts"

export interface WarnedArtifact {
    /** As this partner sees it. */
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    /** Null while it is still to come: a file's name may say what is in it. */
    readonly name: string | null
    /** The version that can be had; null while it is still to come. */
    readonly version: number | null
    readonly from: Instant
    /** Of this version; what was fetched of an earlier one does not count. */
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
    /** The versions that this partner fetched and did not confirm to have deleted, the oldest first. */
    readonly holds: readonly HeldVersion[]
}

export interface HeldVersion {
    readonly version: number
    readonly at: Instant
    /** A newer one can be had. */
    readonly superseded: boolean
}

export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: CaseFile["vulnerabilities"]
    readonly products: CaseFile["products"]
    /** Until when it is secret. */
    readonly publication: Instant | null
    readonly published: boolean
    /** When the operator took it back: it will not be published, and nothing more of it opens. */
    readonly withdrawnAt: Instant | null
    readonly openedAt: Instant
    /** When what stands here of the case changed last, its artifacts apart. */
    readonly changedAt: Instant
    /** Counts these changes: another number for each thing that was told. */
    readonly revision: number
    /** What may be done with it before publication; null where the operator has not said. */
    readonly permission: CaseFile["permission"]
    readonly artifacts: readonly WarnedArtifact[]
    /** What this partner holds of it, and is asked to delete. */
    readonly recalls: readonly OwnRecall[]
}

export async function warningsFor(act: Act, partner: string): Promise<Warning[]> {
    const [entitlements, recalls] = await Promise.all([entitlementsOf(act, partner, null), ownRecalls(act, partner)])
    const name = (kind: "warning" | "artifact", id: string) => nameFor(act.doors.keys, partner, kind, id)
    const called = new Set(recalls.map((one) => one.artifact))
    // Whoever holds what was recalled, and would have it still, goes on seeing whereof it was.
    const isKnown = (one: Entitlement) =>
        one.version !== null || (one.decision.recalled && called.has(name("artifact", one.artifact)))
    const cases = [...new Set(entitlements.filter(isKnown).map((one) => one.case))]
    if (cases.length === 0) return []
    const filter = { partner, case: null, before: null }
    const [held, delivered, acknowledged, known, files] = await Promise.all([
        store.holdings(act.tx, partner),
        store.deliveries(act.tx, filter),
        store.acknowledgements(act.tx, filter),
        artifactsAmong(act, cases),
        caseFiles(act, cases),
    ])
    const holdings = Map.groupBy(held, (one) => one.artifact)
    const fetched = new Map(delivered.map((one) => [versionKey(one), one.at]))
    const said = new Map(acknowledged.map((one) => [versionKey(one), one.at]))
    const artifacts = new Map(known.map((one) => [one.id, one]))
    const own = Map.groupBy(entitlements, (one) => one.case)
    const warned = (one: Entitlement): WarnedArtifact[] => {
        const artifact = artifacts.get(one.artifact)
        const { from, outcome } = one.decision
        if (!artifact || from === null || outcome === "reduced") return []
        const holds = heldOf(holdings.get(artifact.id) ?? [], one.version)
        return [
            {
                id: name("artifact", artifact.id),
                class: artifact.class,
                tlp: artifact.tlp,
                pap: artifact.pap,
                name: one.version !== null || holds.length > 0 ? artifact.name : null,
                version: one.version,
                from,
                fetchedAt: fetched.get(versionKey(one)) ?? null,
                acknowledgedAt: said.get(versionKey(one)) ?? null,
                holds,
            },
        ]
    }
    return files.map((file) => ({
        id: name("warning", file.id),
        title: file.title,
        vulnerabilities: file.vulnerabilities,
        products: file.products,
        publication: file.publication,
        published: file.embargo.at(-1)?.kind === "ended",
        withdrawnAt: file.closing?.at ?? null,
        openedAt: file.createdAt,
        changedAt: changedAt(file),
        revision: file.revision + toldTurns(file).length + (file.closing ? 1 : 0),
        permission: file.permission,
        artifacts: (own.get(file.id) ?? []).flatMap(warned),
        recalls: recalls.filter((one) => one.warning === name("warning", file.id)),
    }))
}

/** What is only proposed or rejected changes nothing that is told. */
function toldTurns({ embargo }: CaseFile): CaseFile["embargo"] {
    return embargo.filter(({ kind }) => kind !== "proposed" && kind !== "rejected")
}

function changedAt(file: CaseFile): Instant {
    const { createdAt, retoldAt, closing } = file
    return Math.max(createdAt, retoldAt ?? 0, closing?.at ?? 0, ...toldTurns(file).map(({ at }) => at))
}

function heldOf(holdings: readonly store.Holds[], current: number | null): HeldVersion[] {
    return holdings
        .map(({ version, at }) => ({ version, at, superseded: current !== null && version < current }))
        .toSorted((a, b) => a.version - b.version)
}

const versionKey = (of: { readonly artifact: string; readonly version: number | null }) =>
    `${of.artifact} ${of.version}`

/** The partner whose person acts; a programming error elsewhere, since the guard has let only partners here. */
export function partnerOf(act: Act): { partner: string; person: string } {
    const person = personOf(act.actor)
    if (act.actor.kind !== "partner" || person === null) throw new Error("not a partner's person")
    return { partner: act.actor.partner, person }
}
