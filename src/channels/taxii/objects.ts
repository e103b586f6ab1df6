/**
 * What a partner may see, as STIX objects: the one projection, rendered. Summaries, indicators, rules and guidance are
 * carried, as they stand in the master; no other class ever is.
 */
import { type Instant, parseInstant } from "../../lib/instant.ts"
import { embargoDefinition } from "../../lib/stix/embargo.ts"
import { markingOf } from "../../lib/stix/markings.ts"
import type { StixObject } from "../../lib/stix/object.ts"
import * as stix from "../../lib/stix/rendering.ts"
import { tlpLabels } from "../../lib/tlp.ts"
import type { Act } from "../../trust/audit/actions.ts"
import type { Keys } from "../../platform/keys.ts"
import { type Master, masterOf } from "../../share/artifacts/actions.ts"
import { polledClasses } from "../../share/artifacts/artifact.ts"
import { formatOf } from "../../share/artifacts/format.ts"
import { commonId, idBehind } from "../../share/delivery/actions/names.ts"
import { type Warning, type WarnedArtifact, warningsFor } from "../../share/delivery/actions/projection.ts"
import type { Matched } from "./asking.ts"

export interface Carried extends Matched {
    /** JSON, as it is sent. */
    readonly text: string
    /** The case that it tells of; null of what stands in all collections. */
    readonly case: string | null
    /** Whose text it holds; null of what holds none. */
    readonly master: Master | null
}

const isCarried = (one: WarnedArtifact): one is WarnedArtifact & { version: number } =>
    one.version !== null && polledClasses.includes(one.class)

/** From when the identity of a program stands as it does: the same for all programs. */
const programSince = parseInstant("2026-11-27T00:00:00Z")

/** Everything this partner's person may see; nothing at all while there is no warning. */
export async function carriedTo(act: Act, partner: string): Promise<Carried[]> {
    const warnings = await warningsFor(act, partner)
    const carried: Carried[] = []
    for (const warning of warnings) carried.push(...(await carriedOf(act, partner, warning)))
    if (carried.length === 0) return []
    return [...standing(act), ...carried]
}

/** What the others refer to. It is the same whatever the others are, so that it tells nothing of them. */
function standing(act: Act): Carried[] {
    const origin = act.doors.portalOrigin.replace(/^https?:\/\//, "")
    const program = stix.identityOf(programId(act.doors.keys), origin === "" ? "The program" : origin, programSince)
    return [...embargoDefinition, program, ...tlpLabels.map(markingOf)].map((one) => entry(one, null, null))
}

export function stixId(keys: Keys, type: string, ...names: readonly string[]): string {
    return `${type}--${commonId(keys, "stix-ids", [type, ...names])}`
}

const programId = (keys: Keys): string => stixId(keys, "identity", "program")

async function carriedOf(act: Act, partner: string, warning: Warning): Promise<Carried[]> {
    const { keys } = act.doors
    const caseId = idBehind(keys, partner, "warning", warning.id)
    const source = sourceOf(keys, warning)
    const about = warning.vulnerabilities.map((one) => ({ id: stixId(keys, "vulnerability", caseId, one.cve), one }))
    const ids = about.map(({ id }) => id)
    const told = { title: warning.title, products: warning.products, about: ids }
    const permission = warning.permission?.text ?? null
    const reportId = stixId(keys, "report", caseId)
    const objects = [
        ...about.map(({ id, one }) => stix.vulnerabilityOf(id, source, one)),
        stix.reportOf(reportId, source, { ...told, permission }),
    ].map((one) => entry(one, caseId, null))
    for (const artifact of warning.artifacts) {
        if (!isCarried(artifact)) continue
        const inner = idBehind(keys, partner, "artifact", artifact.id)
        const master = await masterOf(act, inner, artifact.version)
        const rendered = renderedOf(keys, master, { warning, source, artifact, about: ids, report: reportId })
        objects.push(...rendered.map((one) => entry(one, caseId, master)))
    }
    return objects
}

function entry(one: StixObject, caseId: string | null, master: Master | null): Carried {
    return {
        ...{ id: String(one["id"]), type: String(one["type"]), version: stix.versionOf(one) },
        ...{ specVersion: one["spec_version"] === "2.0" ? "2.0" : "2.1", text: JSON.stringify(one) },
        ...{ case: caseId, master },
    }
}

/** What is told of the case itself. It goes no further than to those who need it while it is secret. */
function sourceOf(keys: Keys, warning: Warning): stix.Source {
    const { openedAt: created, changedAt: modified } = warning
    const open = warning.artifacts.filter(isCarried).map(({ tlp }) => tlp)
    const tlp = warning.published ? "CLEAR" : stix.closest(open, "AMBER+STRICT")
    return { by: programId(keys), created, modified, tlp, embargo: embargoOf(warning, null) }
}

function embargoOf({ published, withdrawnAt, publication, permission }: Warning, pap: string | null) {
    const disclosure = published ? "published" : withdrawnAt !== null ? "withdrawn" : "embargoed"
    return { disclosure, until: publication, deployment: permission?.deployment ?? null, pap } as const
}

interface Around {
    readonly warning: Warning
    /** Of what is told of the case. */
    readonly source: stix.Source
    readonly artifact: WarnedArtifact
    /** The ids of the vulnerabilities, and of the report. */
    readonly about: readonly string[]
    readonly report: string
}

/** One artifact: an object with its text, and how that bears on the vulnerabilities; of STIX, the objects as they stand. */
function renderedOf(keys: Keys, master: Master, { warning, source, artifact, about, report }: Around): StixObject[] {
    const { name, content: text, class: kind } = master
    const format = formatOf(master)
    if (format === "stix" && kind !== "summary" && kind !== "guidance") return stix.objectsIn(text, artifact.tlp)
    const its: stix.Source = {
        by: source.by,
        created: master.addedAt,
        modified: latest(master.addedAt, master.versionAt, source.modified),
        tlp: artifact.tlp,
        embargo: embargoOf(warning, artifact.pap),
    }
    const id = (type: string, ...more: readonly string[]) => stixId(keys, type, master.artifact, ...more)
    const related = (from: string, how: "mitigates" | "related-to") =>
        about.map((to) => stix.relationshipOf(id("relationship", to), its, [from, how, to]))
    if (kind === "guidance") {
        const action = id("course-of-action")
        return [stix.actionOf(action, its, name, text), ...related(action, "mitigates")]
    }
    if (kind === "rules" && (format === "sigma" || format === "yara" || format === "suricata")) {
        const indicator = id("indicator")
        const pattern = { name, type: format, text }
        return [stix.indicatorOf(indicator, its, pattern), ...related(indicator, "related-to")]
    }
    return [stix.noteOf(id("note"), its, { name, text, about: [report] })]
}

const latest = (...instants: readonly Instant[]): Instant => Math.max(...instants)
