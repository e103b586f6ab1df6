/**
 * Renders what a partner may see as STIX objects. It has summaries, indicators, rules and guidance, as unmarked texts
 * or as the partner's own copies where the program marks them. Other classes are left out.
 */
import { createHash } from "node:crypto"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { endingOf, endings } from "@tocsin/marks/carriers/registry"
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
import { Pending } from "../../kernel/route.ts"
import { publisherOf } from "../../platform/config/publisher.ts"
import type { Keys } from "../../platform/crypto/keys.ts"
import { type Master, masterOf } from "../../share/artifacts/actions.ts"
import { manifestsOf, ownText } from "../../share/marking/actions.ts"
import { polledClasses } from "../../share/artifacts/artifact.ts"
import { formatOf } from "../../share/artifacts/format.ts"
import { commonId, idOfAlias } from "../../share/delivery/actions/aliases.ts"
import {
    type Warning,
    type WarnedArtifact,
    decisionsFor,
    partnerOf,
    projectionFor,
} from "../../share/delivery/actions/projection.ts"
import type { Feed } from "../../share/feed/actions/lease-feed.ts"
import { type Carried, type Rendered, type Version, type Written, bytesOf, oneForAll, writtenOf } from "./encode.ts"

const isCarried = (artifact: WarnedArtifact): artifact is WarnedArtifact & { version: number } =>
    artifact.version !== null && polledClasses.includes(artifact.class)

/** The creation date of every program's identity, the same for all programs. */
const programSince = parseInstant("2026-11-29T00:00:00Z")

/** Objects with the same inputs. `fingerprint` is the hash of the inputs. */
interface Part {
    readonly fingerprint: string
    readonly write: () => Promise<Written>
}

/** Everything that this person may see; nothing while there is no warning. */
export const warningObjects: Feed<Carried> = {
    collection: "warnings",
    see: async (ctx) => {
        const { partner } = partnerOf(ctx)
        const by = programId(ctx.services.keys)
        const { warnings, decisions } = await projectionFor(ctx, partner)
        const marks = ctx.services.marksPolled ? await marksOf(ctx, partner, warnings) : null
        const notified = warnings.flatMap((warning) => partsOf(ctx, { partner, by, marks }, warning))
        const parts = notified.length === 0 ? [] : [standing(ctx), ...notified]
        return {
            ...(marks === null && { decisions }),
            fingerprint: parts.map(({ fingerprint }) => fingerprint).join(),
            all: async (before) => {
                const objects = await written(parts, before)
                return [...(await written(markingsIn(ctx, objects), before)), ...objects]
            },
        }
    },
    isNoted: true,
    // New commitments to marks are no access decision and record no change.
    decide: async (ctx) => (ctx.services.marksPolled ? "" : await decisionsFor(ctx, partnerOf(ctx).partner)),
    keyOf: ({ id, version, part: { master } }) => `${id} ${version}${master?.isOwn ? " own" : ""}`,
    bytesOf,
    heldIn: ({ part }) => part,
}

/** Encodes the parts. Omits texts that cannot be marked yet or ever, and does not wait for marks. */
async function written(parts: readonly Part[], before: readonly Carried[]): Promise<Carried[]> {
    const known = new Map(before.map((carried) => [carried.part.fingerprint, carried.part]))
    const list: Carried[] = []
    let isBusy = false
    for (const { fingerprint, write } of parts) {
        try {
            const carried = known.get(fingerprint)?.objects ?? (isBusy ? [] : (await write()).objects)
            for (const item of carried) list.push(item)
        } catch (error) {
            isBusy ||= error instanceof Pending
            const isHard = error instanceof Refusal && error.code === "mark.too_complex"
            if (!(error instanceof Pending || isHard)) throw error
        }
    }
    return list
}

/**
 * Builds a part. `write` gets the inputs of the fingerprint and reads nothing else that changes. `own` means this
 * partner's copy.
 */
function part<From>(ctx: ActionContext, from: From, write: (from: From) => Promise<Rendered>, own?: "own"): Part {
    const fingerprint = createHash("sha256").update(JSON.stringify(from)).digest("base64url")
    return {
        fingerprint,
        write: async () => {
            const input = writtenOf(fingerprint, await write(from))
            return own === undefined ? oneForAll(ctx.services.db, input) : input
        },
    }
}

/** Lists the TLP labels that these objects refer to, with their definitions. */
function markingsIn(ctx: ActionContext, objects: readonly Carried[]): Part[] {
    const referenced = new Set([...new Set(objects.map((object) => object.part))].flatMap(({ markings }) => markings))
    const labels = tlpLabels.filter((label) => referenced.has(markingId(label)))
    return labels.map((label) => part(ctx, { label }, async () => rendered(null, null, [markingOf(label)])))
}

/** Builds what all objects refer to. It is the same for all readers and so reveals nothing. */
function standing(ctx: ActionContext): Part {
    const { name: operator } = publisherOf(ctx.services.publishing, ctx.services.portalOrigin)
    return part(ctx, { name: operator }, async ({ name }) => {
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
    readonly marks: ReadonlyMap<string, string> | null
}

async function marksOf(ctx: ActionContext, partner: string, warnings: readonly Warning[]): Promise<Reader["marks"]> {
    const carried = warnings.flatMap(({ artifacts }) => artifacts.filter(isCarried))
    const inner = (id: string) => idOfAlias(ctx.services.keys, partner, "artifact", id)
    return await manifestsOf(
        ctx,
        carried.map(({ id, version }) => ({ artifact: inner(id), version })),
    )
}

function partsOf(ctx: ActionContext, { partner, by, marks }: Reader, warning: Warning): Part[] {
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
    const notified = { title, about, permission: warning.permission?.text ?? null }
    const ofCase = part(ctx, { caseId, source, vulnerabilities, report, told: notified }, async (from) => {
        const objects = from.vulnerabilities.map((vulnerability, n) =>
            stix.vulnerabilityOf(from.told.about[n] ?? "", source, vulnerability),
        )
        return rendered(caseId, null, [...objects, stix.reportOf(from.report, from.source, from.told)])
    })
    const texts = warning.artifacts
        .filter(isCarried)
        .map(({ id, version, tlp: label, pap: limit, name, since, from }) => {
            // Publication removes labels, except on texts for single people.
            const isOpen = warning.published && label !== "RED"
            const [tlp, pap] = isOpen ? (["CLEAR", null] as const) : ([label, limit] as const)
            const artifact = idOfAlias(keys, partner, "artifact", id)
            // A copy that is not committed yet can still change, so it is not cached.
            const isOwn = marks !== null && endings.includes(endingOf(name ?? ""))
            const manifest = isOwn ? (marks.get(`${artifact} ${version}`) ?? ctx.services.newId()) : null
            const cves = vulnerabilities.map(({ cve }) => cve)
            const input = {
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
            const write = async (from: typeof input) => {
                const master = await masterOf(ctx, from.artifact, from.version)
                const own = from.manifest === null ? null : await ownText(ctx, master, partner)
                const text = { ...master, content: own?.text ?? unmarkedText(master.name, master.content) }
                const subject = { artifact, version, isOwn: own !== null }
                return rendered(caseId, subject, objectsOf(keys, text, from))
            }
            return part(ctx, input, write, isOwn ? "own" : undefined)
        })
    return [ofCase, ...texts]
}

function rendered(caseId: string | null, master: Version | null, list: readonly StixObject[]): Rendered {
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
function sourceOf(by: string, warning: Warning): stix.Source {
    const { releasedAt: created, changedAt: modified } = warning
    const open = warning.artifacts.filter(isCarried).map(({ tlp }) => tlp)
    const tlp = warning.published ? "CLEAR" : stix.closest(open, "AMBER+STRICT")
    return { by, created, modified, tlp, embargo: embargoOf(warning, null) }
}

function embargoOf({ published, withdrawnAt, publication, permission }: Warning, pap: string | null) {
    const disclosure = published ? "published" : withdrawnAt !== null ? "withdrawn" : "embargoed"
    return { disclosure, until: publication, deployment: permission?.deployment ?? null, pap } as const
}

interface Around {
    /** The author's label. STIX that an author wrote belongs to its version and stays as sent. */
    readonly label: Tlp
    /** The current label. */
    readonly tlp: Tlp
    readonly embargo: EmbargoState
    /** When its first version and this version were released to the reader. */
    readonly since: Instant
    readonly from: Instant
    /** The source of the case's facts. */
    readonly source: stix.Source
    /** The CVE ids, the ids of their objects in the same order, and the id of the report. */
    readonly cves: readonly string[]
    readonly about: readonly string[]
    readonly report: string
}

/** A master with the text that its reader gets. */
type Readable = Omit<Master, "content"> & { readonly content: ResolvedText }

/**
 * Renders one artifact: an object with its text and its relations to the vulnerabilities, or an author's STIX objects
 * unchanged.
 */
function objectsOf(keys: Keys, master: Readable, around: Around): StixObject[] {
    const { name, content: text, class: kind } = master
    const { label, tlp, embargo, since, from, source, cves, about, report } = around
    const format = formatOf(master)
    if (format === "stix" && kind !== "summary" && kind !== "guidance") {
        const idByCve = new Map(cves.flatMap((cve, n) => (cve === "" ? [] : [[cve, about[n] ?? ""] as const])))
        return stix.withSharedVulnerabilities(stix.objectsIn(text, label), idByCve)
    }
    const input: stix.Source = {
        by: source.by,
        created: since,
        modified: latest(since, from, source.modified),
        tlp,
        embargo,
    }
    const id = (type: string, ...more: readonly string[]) => stixId(keys, type, master.artifact, ...more)
    const related = (from: string, how: "mitigates" | "related-to") =>
        about.map((to) => stix.relationshipOf(id("relationship", to), input, [from, how, to]))
    if (kind === "guidance") {
        const action = id("course-of-action")
        return [stix.actionOf(action, input, name, text), ...related(action, "mitigates")]
    }
    if (kind === "rules" && (format === "sigma" || format === "yara" || format === "suricata" || format === "snort")) {
        const indicator = id("indicator")
        const pattern = { name, type: format, text }
        return [stix.indicatorOf(indicator, input, pattern), ...related(indicator, "related-to")]
    }
    return [stix.noteOf(id("note"), input, { name, text, about: [report] })]
}

const latest = (...instants: readonly Instant[]): Instant => Math.max(...instants)
