/**
 * Renders what a partner may see as STIX objects. It has summaries, indicators, rules and guidance, as unmarked texts
 * or as the partner's own copies where the program marks them. Other classes are left out.
 */
import { createHash } from "node:crypto"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { endingOf, markedEndings } from "@tocsin/marks/carriers/registry"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { unmarkedText } from "@tocsin/marks/carriers/resolved-text"
import { type EmbargoState, embargoDefinition } from "@tocsin/formats/stix/embargo"
import { markingId, markingOf } from "@tocsin/formats/stix/markings"
import { Refusal } from "@tocsin/base/refusal"
import type { StixObject } from "@tocsin/formats/stix/object"
import * as stix from "@tocsin/formats/stix/render"
import { type Tlp, tlpLabels } from "@tocsin/formats/stix/tlp"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import type { ActionContext } from "../../kernel/action-context.ts"
import { PendingWork } from "../../kernel/route.ts"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { Keys } from "../../platform/crypto/keys.ts"
import { type Master, loadMaster } from "../../share/artifacts/actions/load-artifacts.ts"
import { listManifests } from "../../share/marking/actions/load-mark-keys.ts"
import { makeCopyText } from "../../share/marking/actions/mark-copy.ts"
import { polledClasses } from "../../share/artifacts/artifact.ts"
import { formatOf } from "../../share/artifacts/format.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
import {
    type Warning,
    type WarningArtifact,
    fingerprintDecisions,
    partnerOf,
    loadProjection,
} from "../../share/delivery/actions/project-warnings.ts"
import type { Feed } from "../../share/feed/actions/lease-feed.ts"
import {
    type EncodedObject,
    type ObjectGroup,
    type ServedVersion,
    type EncodedGroup,
    bytesOf,
    shareGroup,
    encodeGroup,
} from "./encode.ts"

const isPolled = (artifact: WarningArtifact): artifact is WarningArtifact & { version: number } =>
    artifact.version !== null && polledClasses.includes(artifact.class)

/** The creation date of every program's identity, the same for all programs. */
const programSince = parseInstant("2026-11-29T00:00:00Z")

/** Objects with the same inputs. `fingerprint` is the hash of the inputs. */
interface LazyGroup {
    readonly fingerprint: string
    readonly encode: () => Promise<EncodedGroup>
}

/** The feed of everything that this person may see; empty without a warning. */
export const warningObjects: Feed<EncodedObject> = {
    collection: "warnings",
    load: async (ctx) => {
        const { partner } = partnerOf(ctx)
        const by = programId(ctx.services.keys)
        const { warnings, decisions } = await loadProjection(ctx, partner)
        const manifests = ctx.services.marksTaxiiTexts ? await loadManifests(ctx, partner, warnings) : null
        const warningGroups = warnings.flatMap((warning) => groupsOf(ctx, { partner, by, manifests }, warning))
        const groups = warningGroups.length === 0 ? [] : [commonObjects(ctx), ...warningGroups]
        return {
            ...(manifests === null && { decisions }),
            fingerprint: groups.map(({ fingerprint }) => fingerprint).join(),
            loadItems: async (before) => {
                const objects = await encodeGroups(groups, before)
                return [...(await encodeGroups(markingGroups(ctx, objects), before)), ...objects]
            },
        }
    },
    isTracked: true,
    // New commitments to marks are no access decision and record no change.
    decide: async (ctx) =>
        ctx.services.marksTaxiiTexts ? "" : await fingerprintDecisions(ctx, partnerOf(ctx).partner),
    keyOf: ({ id, version, group: { master } }) => `${id} ${version}${master?.isMarkedCopy ? " own" : ""}`,
    bytesOf,
    heldIn: ({ group: part }) => part,
}

/** Encodes the parts. Omits texts that cannot be marked yet or ever, and does not wait for marks. */
async function encodeGroups(groups: readonly LazyGroup[], before: readonly EncodedObject[]): Promise<EncodedObject[]> {
    const cached = new Map(before.map((encoded) => [encoded.group.fingerprint, encoded.group]))
    const list: EncodedObject[] = []
    let isMarkingPending = false
    for (const { fingerprint, encode } of groups) {
        try {
            const encoded = cached.get(fingerprint)?.objects ?? (isMarkingPending ? [] : (await encode()).objects)
            for (const item of encoded) list.push(item)
        } catch (error) {
            isMarkingPending ||= error instanceof PendingWork
            const isTooComplex = error instanceof Refusal && error.code === "mark.too_complex"
            if (!(error instanceof PendingWork || isTooComplex)) throw error
        }
    }
    return list
}

/**
 * Builds a part. `write` gets the inputs of the fingerprint and reads nothing else that changes. `own` means this
 * partner's copy.
 */
function lazyGroup<Inputs>(
    ctx: ActionContext,
    inputs: Inputs,
    write: (inputs: Inputs) => Promise<ObjectGroup>,
    copy?: "own",
): LazyGroup {
    const fingerprint = createHash("sha256").update(JSON.stringify(inputs)).digest("base64url")
    return {
        fingerprint,
        encode: async () => {
            const group = encodeGroup(fingerprint, await write(inputs))
            return copy === undefined ? shareGroup(ctx.services.db, group) : group
        },
    }
}

/** Lists the TLP labels that these objects refer to, with their definitions. */
function markingGroups(ctx: ActionContext, objects: readonly EncodedObject[]): LazyGroup[] {
    const referenced = new Set([...new Set(objects.map((object) => object.group))].flatMap(({ markings }) => markings))
    const labels = tlpLabels.filter((label) => referenced.has(markingId(label)))
    return labels.map((label) => lazyGroup(ctx, { label }, async () => rendered(null, null, [markingOf(label)])))
}

/** Builds what all objects refer to. It is the same for all readers and so reveals nothing. */
function commonObjects(ctx: ActionContext): LazyGroup {
    const { name: operator } = publisherOf(ctx.services.publisherSettings, ctx.services.portalOrigin)
    return lazyGroup(ctx, { name: operator }, async ({ name }) => {
        const program = stix.identityOf(programId(ctx.services.keys), name, programSince)
        return rendered(null, null, [...embargoDefinition, program])
    })
}

/** Derives the STIX id of an object. */
export function stixId(keys: Keys, type: string, ...names: readonly string[]): string {
    return `${type}--${commonId(keys, "stix-ids", [type, ...names])}`
}

const programId = (keys: Keys): string => stixId(keys, "identity", "program")

interface Reader {
    readonly partner: string
    /** The id of the program's identity. */
    readonly by: string
    /** The committed manifests where texts are marked; null where they are not. */
    readonly manifests: ReadonlyMap<string, string> | null
}

async function loadManifests(
    ctx: ActionContext,
    partner: string,
    warnings: readonly Warning[],
): Promise<Reader["manifests"]> {
    const polled = warnings.flatMap(({ artifacts }) => artifacts.filter(isPolled))
    const artifactOfAlias = (id: string) => idOfAlias(ctx.services.keys, partner, "artifact", id)
    return await listManifests(
        ctx,
        polled.map(({ id, version }) => ({ artifact: artifactOfAlias(id), version })),
    )
}

function groupsOf(ctx: ActionContext, { partner, by, manifests }: Reader, warning: Warning): LazyGroup[] {
    const { keys } = ctx.services
    const caseId = idOfAlias(keys, partner, "warning", warning.id)
    const source = sourceOf(by, warning)
    // Identified by its position in the case until it has a CVE id.
    const about = warning.vulnerabilities.map(({ cve }, n) => {
        return stixId(keys, "vulnerability", caseId, cve === "" ? `#${n + 1}` : cve)
    })
    const report = stixId(keys, "report", caseId)
    const labels = vulnerabilityLabels(warning.vulnerabilities)
    const vulnerabilities = warning.vulnerabilities.map((vulnerability, n) => ({
        ...vulnerability,
        label: labels[n] ?? "",
    }))
    const { title } = warning
    const reportFacts = { title, about, permission: warning.permission?.text ?? null }
    const ofCase = lazyGroup(ctx, { caseId, source, vulnerabilities, report, reportFacts }, async (from) => {
        const objects = from.vulnerabilities.map((vulnerability, n) =>
            stix.vulnerabilityOf(from.reportFacts.about[n] ?? "", source, vulnerability),
        )
        return rendered(caseId, null, [...objects, stix.reportOf(from.report, from.source, from.reportFacts)])
    })
    const texts = warning.artifacts
        .filter(isPolled)
        .map(({ id, version, tlp: label, pap: authorPap, name, since, from }) => {
            // Publication removes labels, except on texts for single people.
            const isPublic = warning.published && label !== "RED"
            const [tlp, pap] = isPublic ? (["CLEAR", null] as const) : ([label, authorPap] as const)
            const artifact = idOfAlias(keys, partner, "artifact", id)
            // A copy that is not committed yet can still change, so it is not cached.
            const isMarked = manifests !== null && markedEndings.includes(endingOf(name ?? ""))
            const manifest = isMarked ? (manifests.get(`${artifact} ${version}`) ?? ctx.services.newId()) : null
            const cves = vulnerabilities.map(({ cve }) => cve)
            const inputs = {
                artifact,
                version,
                label,
                tlp,
                since,
                from,
                embargo: embargoOf(warning, pap),
                source,
                cves,
                about,
                report,
                manifest,
            }
            const encode = async (from: typeof inputs) => {
                const master = await loadMaster(ctx, from.artifact, from.version)
                const ownCopy = from.manifest === null ? null : await makeCopyText(ctx, master, partner)
                const text = { ...master, content: ownCopy?.text ?? unmarkedText(master.name, master.content) }
                const servedVersion = { artifact, version, isMarkedCopy: ownCopy !== null }
                return rendered(caseId, servedVersion, objectsOf(keys, text, from))
            }
            return lazyGroup(ctx, inputs, encode, isMarked ? "own" : undefined)
        })
    return [ofCase, ...texts]
}

function rendered(caseId: string | null, master: ServedVersion | null, list: readonly StixObject[]): ObjectGroup {
    const objects = list.map((item) => ({
        id: String(item["id"]),
        type: String(item["type"]),
        version: stix.versionOf(item),
        specVersion: item["spec_version"] === "2.0" ? "2.0" : "2.1",
        text: JSON.stringify(item),
    }))
    const markings = list.flatMap((object) => (object["object_marking_refs"] ?? []) as readonly string[])
    return { case: caseId, master, objects, markings: [...new Set(markings)] }
}

/** Builds the source of the case's own facts. Before publication they are limited to those who need them. */
function sourceOf(by: string, warning: Warning): stix.StixSource {
    const { releasedAt: created, changedAt: modified } = warning
    const open = warning.artifacts.filter(isPolled).map(({ tlp }) => tlp)
    const tlp = warning.published ? "CLEAR" : stix.strictest(open, "AMBER+STRICT")
    return { identityId: by, created, modified, tlp, embargo: embargoOf(warning, null) }
}

function embargoOf({ published, withdrawnAt, publication, permission }: Warning, pap: string | null) {
    const disclosure = published ? "published" : withdrawnAt !== null ? "withdrawn" : "embargoed"
    return { disclosure, until: publication, deployment: permission?.deployment ?? null, pap } as const
}

interface ObjectContext {
    /** The author's label. STIX that an author wrote belongs to its version and stays as sent. */
    readonly label: Tlp
    /** The current label. */
    readonly tlp: Tlp
    readonly embargo: EmbargoState
    /** When its first version and this version were released to the reader. */
    readonly since: Instant
    readonly from: Instant
    /** The source of the case's facts. */
    readonly source: stix.StixSource
    /** The CVE ids, the ids of their objects in the same order, and the id of the report. */
    readonly cves: readonly string[]
    readonly about: readonly string[]
    readonly report: string
}

/** A master with the text that its reader gets. */
type ServedText = Omit<Master, "content"> & { readonly content: ResolvedText }

/**
 * Renders one artifact: an object with its text and its relations to the vulnerabilities, or an author's STIX objects
 * unchanged.
 */
function objectsOf(keys: Keys, master: ServedText, context: ObjectContext): StixObject[] {
    const { name, content: text, class: kind } = master
    const { label, tlp, embargo, since, from, source, cves, about, report } = context
    const format = formatOf(master)
    if (format === "stix" && kind !== "summary" && kind !== "guidance") {
        const idByCve = new Map(cves.flatMap((cve, n) => (cve === "" ? [] : [[cve, about[n] ?? ""] as const])))
        return stix.withSharedVulnerabilities(stix.objectsIn(text, label), idByCve)
    }
    const textSource: stix.StixSource = {
        identityId: source.identityId,
        created: since,
        modified: latest(since, from, source.modified),
        tlp,
        embargo,
    }
    const id = (type: string, ...more: readonly string[]) => stixId(keys, type, master.artifact, ...more)
    const relationsFrom = (from: string, relation: "mitigates" | "related-to") =>
        about.map((to) => stix.relationshipOf(id("relationship", to), textSource, [from, relation, to]))
    if (kind === "guidance") {
        const action = id("course-of-action")
        return [stix.actionOf(action, textSource, name, text), ...relationsFrom(action, "mitigates")]
    }
    if (kind === "rules" && (format === "sigma" || format === "yara" || format === "suricata" || format === "snort")) {
        const indicator = id("indicator")
        const pattern = { name, type: format, text }
        return [stix.indicatorOf(indicator, textSource, pattern), ...relationsFrom(indicator, "related-to")]
    }
    return [stix.noteOf(id("note"), textSource, { name, text, about: [report] })]
}

const latest = (...instants: readonly Instant[]): Instant => Math.max(...instants)
