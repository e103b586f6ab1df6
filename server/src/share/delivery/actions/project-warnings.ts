/**
 * Projects a case to the part that one partner may see at an instant. Every channel renders this projection and nothing
 * else.
 *
 * A case exists for a partner once it can have one of its artifacts. Then the artifacts still to come are listed too.
 * Withheld artifacts are never mentioned.
 */
import { createHash } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import type { PartnerActor } from "../../../kernel/actor.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { ArtifactClass, Pap, Tlp } from "../../artifacts/artifact.ts"
import { type ArtifactHeader, listArtifactHeaders } from "../../artifacts/actions/load-artifacts.ts"
import { type DisclosedFacts, listDisclosedFacts } from "../../cases/actions/load-case.ts"
import type { CaseFacts } from "../../cases/actions/load-case-facts.ts"
import { endOf } from "../../cases/embargo.ts"
import {
    type PartnerEntitlements,
    type Entitlement,
    loadEntitlements,
} from "../../entitlement/actions/decide-access.ts"
import { aliasFor } from "./resolve-alias.ts"
import { type PartnerRecall, openRecallsIn, recallsForPartner } from "../recalls/actions/list-recalls-for-partner.ts"
import { type PartnerHistoryRow, listHeldAtRecall, listRowsForPartner } from "../recalls/store/partner-history.ts"

export interface WarningArtifact {
    /** The partner's alias. */
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    /** The file name. Null while the artifact is still to come: a name can reveal the content. */
    readonly name: string | null
    /** The version that can be fetched; null while the artifact is still to come. */
    readonly version: number | null
    /** When this version was released to this partner. While it is still to come: when it is planned. */
    readonly from: Instant
    /** When the first version was released to this partner; as `from` while it is still to come. */
    readonly since: Instant
    /** When this version was fetched. Fetches of earlier versions do not count. */
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
    /** The versions that this partner fetched without confirming their deletion, oldest first. */
    readonly holds: readonly HeldVersion[]
}

export interface HeldVersion {
    readonly version: number
    readonly at: Instant
    /** Whether a newer version can be fetched. */
    readonly superseded: boolean
}

export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: DisclosedFacts["vulnerabilities"]
    /** The end of the embargo. */
    readonly publication: Instant | null
    readonly published: boolean
    /** When the operator withdrew the case. It will not be published, and releases nothing more. */
    readonly withdrawnAt: Instant | null
    /** When the first artifact of the case was released to this partner. */
    readonly releasedAt: Instant
    /** When the disclosed facts last changed, without the artifacts; never before `releasedAt`. */
    readonly changedAt: Instant
    /** Counts the changes of the disclosed facts. */
    readonly revision: number
    /** The deployment permission before publication; null where the operator has not set one. */
    readonly permission: DisclosedFacts["permission"]
    readonly artifacts: readonly WarningArtifact[]
    /** The recalls of copies that this partner holds and must delete. */
    readonly recalls: readonly PartnerRecall[]
}

export interface Projection {
    readonly warnings: Warning[]
    /** The fingerprint of `fingerprintDecisions`. */
    readonly decisions: string
}

/**
 * Returns a fingerprint of all decisions for a partner.
 *
 * Time changes nothing else that a partner sees. So while no row changes, an equal fingerprint means equal warnings.
 */
export async function fingerprintDecisions(ctx: ActionContext, partner: string): Promise<string> {
    return fingerprintOf(await loadEntitlements(ctx, partner, null))
}

/** Hashes the decisions. Equal decision objects are serialised once. */
function fingerprintOf({ entitlements, cases, recalls, hidden }: PartnerEntitlements): string {
    const numbers = new Map<Entitlement["decision"], number>()
    const list = entitlements.map(({ artifact, version, releasedAt, firstReleasedAt, decision }) => {
        const number = numbers.get(decision) ?? numbers.size
        numbers.set(decision, number)
        return [artifact, version, releasedAt, firstReleasedAt, number]
    })
    const text = JSON.stringify([list, [...numbers.keys()], cases, recalls, [...hidden].toSorted()])
    return createHash("sha256").update(text).digest("base64url")
}

/** Lists the warnings that this partner may see now. */
export async function listWarnings(ctx: ActionContext, partner: string): Promise<Warning[]> {
    return (await loadProjection(ctx, partner)).warnings
}

/** Returns the warnings of `listWarnings` with the fingerprint of their decisions. */
export async function loadProjection(ctx: ActionContext, partner: string): Promise<Projection> {
    const [decided, rows] = await Promise.all([
        loadEntitlements(ctx, partner, null),
        listRowsForPartner(ctx.tx, partner),
    ])
    return { warnings: await buildWarnings(ctx, partner, decided, historyIn(rows)), decisions: fingerprintOf(decided) }
}

async function buildWarnings(
    ctx: ActionContext,
    partner: string,
    decided: PartnerEntitlements,
    history: PartnerHistory,
): Promise<Warning[]> {
    const { entitlements, cases } = decided
    // Artifacts that were never fetched are not looked up, so the response time does not reveal their recall.
    const isRelevant = (entitlement: Entitlement) =>
        entitlement.version !== null || (entitlement.decision.recalled && history.artifacts.has(entitlement.artifact))
    const relevantCases = [...new Set(entitlements.filter(isRelevant).map((entitlement) => entitlement.case))]
    if (relevantCases.length === 0) return []
    const openRecalls = openRecallsIn(decided.recalls, decided.hidden).filter((recall) =>
        history.artifacts.has(recall.artifact),
    )
    const [disclosed, headers, held] = await Promise.all([
        listDisclosedFacts(ctx, relevantCases),
        listArtifactHeaders(ctx, relevantCases),
        openRecalls.length === 0 ? [] : listHeldAtRecall(ctx.tx, partner, openRecalls),
    ])
    const recalls = recallsForPartner(ctx, partner, { openRecalls, held, confirmed: history.deleted, headers })
    const alias = (kind: "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    const recalledAliases = new Set(recalls.map((partnerRecall) => partnerRecall.artifact))
    // A holder of a recalled artifact still sees the case to which the artifact belongs.
    const isKnown = (entitlement: Entitlement) =>
        entitlement.version !== null ||
        (entitlement.decision.recalled && recalledAliases.has(alias("artifact", entitlement.artifact)))
    const known = new Set(entitlements.filter(isKnown).map((entitlement) => entitlement.case))
    const factsByCase = new Map(cases.map((thisCase) => [thisCase.id, thisCase]))
    const artifacts = new Map(headers.map((header) => [header.id, header]))
    const entitled = Map.groupBy(entitlements, (entitlement) => entitlement.case)
    return disclosed.flatMap((disclosedFacts): Warning[] => {
        const caseFacts = factsByCase.get(disclosedFacts.id)
        if (!caseFacts || !known.has(disclosedFacts.id)) return []
        const id = alias("warning", disclosedFacts.id)
        const entitlementsOfCase = entitled.get(disclosedFacts.id) ?? []
        return [
            {
                id,
                ...disclosedFieldsOf(disclosedFacts, caseFacts, firstAccessOf(entitlementsOfCase, history)),
                artifacts: entitlementsOfCase.flatMap((entitlement) => {
                    const header = artifacts.get(entitlement.artifact)
                    return header ? artifactsOfWarning(alias("artifact", header.id), header, entitlement, history) : []
                }),
                recalls: recalls.filter((partnerRecall) => partnerRecall.warning === id),
            },
        ]
    })
}

/**
 * Returns when a partner first had an artifact of a case: by current access, or by a fetch of an artifact recalled
 * since.
 */
function firstAccessOf(entitlements: readonly Entitlement[], history: PartnerHistory): Instant {
    const instants = entitlements.flatMap(({ artifact, firstReleasedAt }) => [
        firstReleasedAt,
        history.artifacts.get(artifact),
    ])
    return Math.min(...instants.map((instant) => instant ?? Infinity))
}

function disclosedFieldsOf(
    facts: DisclosedFacts,
    { embargo, closure }: CaseFacts,
    releasedAt: Instant,
): Omit<Warning, "id" | "artifacts" | "recalls"> {
    const { title, vulnerabilities, amendedAt, permission } = facts
    const entries = disclosedEntriesOf(embargo)
    return {
        title,
        vulnerabilities,
        publication: endOf(embargo),
        published: embargo.at(-1)?.kind === "ended",
        withdrawnAt: closure?.at ?? null,
        releasedAt,
        changedAt: Math.max(releasedAt, amendedAt ?? 0, closure?.at ?? 0, ...entries.map(({ at }) => at)),
        revision: facts.revision + entries.length + (closure ? 1 : 0),
        permission,
    }
}

/** What a partner did, by version and by recall. */
interface PartnerHistory {
    readonly fetched: ReadonlyMap<string, Instant>
    readonly acknowledged: ReadonlyMap<string, Instant>
    readonly deleted: ReadonlyMap<string, Instant>
    /** When each artifact was first fetched. */
    readonly artifacts: ReadonlyMap<string, Instant>
    /** The held versions, by artifact. */
    readonly held: ReadonlyMap<string, { readonly version: number; readonly at: Instant }[]>
}

function historyIn(rows: readonly PartnerHistoryRow[]): PartnerHistory {
    const at = { fetched: new Map<string, Instant>(), acknowledged: new Map<string, Instant>() }
    const [deleted, artifacts] = [new Map<string, Instant>(), new Map<string, Instant>()]
    const held = new Map<string, { readonly version: number; readonly at: Instant }[]>()
    for (const row of rows) {
        if (row.kind === "deleted") deleted.set(row.recall, row.at)
        else at[row.kind].set(versionKey(row), row.at)
        if (row.kind !== "fetched") continue
        artifacts.set(row.artifact, Math.min(row.at, artifacts.get(row.artifact) ?? Infinity))
        if (row.heldSince === null) continue
        held.set(row.artifact, [...(held.get(row.artifact) ?? []), { version: row.version, at: row.heldSince }])
    }
    return { ...at, deleted, artifacts, held }
}

function artifactsOfWarning(
    id: string,
    artifact: ArtifactHeader,
    entitlement: Entitlement,
    history: PartnerHistory,
): WarningArtifact[] {
    const { from, outcome } = entitlement.decision
    if (from === null || outcome === "reduced") return []
    const holds = heldVersionsOf(history.held.get(artifact.id) ?? [], entitlement.version)
    return [
        {
            id,
            class: artifact.class,
            tlp: artifact.tlp,
            pap: artifact.pap,
            name: entitlement.version !== null || holds.length > 0 ? artifact.name : null,
            version: entitlement.version,
            from: entitlement.releasedAt ?? from,
            since: entitlement.firstReleasedAt ?? from,
            fetchedAt: history.fetched.get(versionKey(entitlement)) ?? null,
            acknowledgedAt: history.acknowledged.get(versionKey(entitlement)) ?? null,
            holds,
        },
    ]
}

/** Returns the embargo's history without proposals and rejections, which partners do not see. */
function disclosedEntriesOf(embargo: CaseFacts["embargo"]): CaseFacts["embargo"] {
    return embargo.filter(({ kind }) => kind !== "proposed" && kind !== "rejected")
}

function heldVersionsOf(holdings: readonly Omit<HeldVersion, "superseded">[], current: number | null): HeldVersion[] {
    return holdings
        .map(({ version, at }) => ({ version, at, superseded: current !== null && version < current }))
        .toSorted((a, b) => a.version - b.version)
}

const versionKey = ({ artifact, version }: { readonly artifact: string; readonly version: number | null }) =>
    `${artifact} ${version}`

/**
 * Returns the partner and the person that act. Throws for another actor: the access guard admits only partners here.
 */
export function partnerOf({ actor }: Pick<ActionContext, "actor">): PartnerActor {
    if (actor.kind !== "partner") throw new Error("not a partner's person")
    return actor
}
