/** Rendered objects pass the check for STIX artifacts, and the extension matches its schema. */
import { createHash } from "node:crypto"
import fs from "node:fs"
import { Compile } from "typebox/compile"
import { describe, expect, test } from "vitest"
import { copyText } from "@tocsin/marks/carriers/resolved-text"
import { parseInstant } from "@tocsin/base/instant"
import { readStix } from "./validate.ts"
import { tlpLabels } from "./tlp.ts"
import { type EmbargoState, embargoDefinition, embargoExtension, embargoOf } from "./embargo.ts"
import { embargoSchemaText } from "./embargo-schema.ts"
import { markingId, markingOf } from "./markings.ts"
import type { StixObject } from "./object.ts"
import * as stix from "./render.ts"

const idOf = (type: string, n = 1) => `${type}--00000000-0000-4000-8000-00000000000${n}`
const embargo: EmbargoState = {
    disclosure: "embargoed",
    until: parseInstant("2025-07-08T17:00:00Z"),
    deployment: "hosted_only",
    pap: "AMBER",
}
const source: stix.StixSource = {
    identityId: idOf("identity"),
    created: parseInstant("2025-06-20T09:00:00Z"),
    modified: parseInstant("2025-06-21T09:00:00.5Z"),
    tlp: "AMBER",
    embargo,
}
const [vulnerability, report, action] = [idOf("vulnerability"), idOf("report"), idOf("course-of-action")]
const weakness = {
    cve: "CVE-2025-49704",
    cwe: "CWE-94",
    score: 8.8,
    vector: "CVSS:3.1/AV:N",
    products: [{ vendor: "Microsoft", name: "Microsoft SharePoint", fixedIn: "16.0.1" }],
}
const notified = {
    title: "Sign-in bypass",
    permission: "Nothing that shows outside.",
    about: [vulnerability],
}
const pattern = copyText("rule a { condition: true }")
const list: StixObject[] = [
    ...embargoDefinition,
    ...tlpLabels.map(markingOf),
    stix.identityOf(source.identityId, "portal.example", source.created),
    stix.vulnerabilityOf(vulnerability, source, { ...weakness, label: weakness.cve }),
    stix.vulnerabilityOf("vulnerability--00000000-0000-4000-8000-000000000002", source, {
        cve: "",
        cwe: "",
        vector: "",
        score: null,
        products: [],
        label: "CVE id not assigned yet",
    }),
    stix.reportOf(report, source, notified),
    stix.noteOf(idOf("note"), source, { name: "summary.md", text: copyText("# What it is"), about: [report] }),
    stix.actionOf(action, source, "guidance.md", copyText("Install the update.")),
    stix.indicatorOf(idOf("indicator"), source, { name: "a.yar", type: "yara", text: pattern }),
    stix.relationshipOf(idOf("relationship"), source, [action, "mitigates", vulnerability]),
]

test("every object is valid, and its references exist", () => {
    const bundle = { type: "bundle", id: idOf("bundle"), objects: list }
    const read = readStix(JSON.stringify(bundle))
    expect(read.issues).toEqual([])
    expect(read.yara.map(({ text }) => text)).toEqual([pattern])
    expect(new Set(read.tlp.map(({ label }) => label))).toEqual(new Set(["AMBER"]))
})

test.each([
    ["CLEAR", "94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"],
    ["GREEN", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"],
    ["AMBER", "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"],
    ["AMBER+STRICT", "939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"],
    ["RED", "e828b379-4e03-4974-9ac4-e53a884c97c1", "red"],
] as const)("TLP:%s has the id and name of the standard", (label, uuid, word) => {
    const { id, name, created, extensions, ...rest } = markingOf(label)
    expect([id, name, created]).toEqual([`marking-definition--${uuid}`, `TLP:${label}`, "2022-10-01T00:00:00.000Z"])
    expect(JSON.stringify(extensions)).toContain(`"tlp_2_0":"${word}"`)
    expect(rest).toEqual({ type: "marking-definition", spec_version: "2.1" })
})

describe("the embargo", () => {
    const file = new URL("../../../../docs/reference/formats/stix-embargo.schema.json", import.meta.url)
    const published = fs.readFileSync(file, "utf8")
    const schema = Compile(JSON.parse(published) as object)
    const valueOf = (state: EmbargoState) => embargoOf(state)[embargoExtension]

    test("is defined by the published schema, wherever the definition comes from", () => {
        const [, definition] = embargoDefinition
        expect(JSON.parse(String(definition?.["schema"]))).toEqual(JSON.parse(published))
        expect(embargoSchemaText).toBe(published)
        expect(published).toContain(`version ${String(definition?.["version"])}`)
    })

    // Changed content has a later `modified`, as clients keep one text for each.
    test("has the same content under the same `modified`", () => {
        const hash = createHash("sha256").update(JSON.stringify(embargoDefinition)).digest("hex").slice(0, 16)
        expect([embargoDefinition[1]?.["modified"], hash]).toEqual(["2026-11-30T00:00:00.000Z", "a490c616280c5385"])
    })

    test.each<[string, EmbargoState]>([
        ["of a vulnerability, with affected products", { ...embargo, affected: weakness.products }],
        ["with every field", embargo],
        ["before an end is agreed", { ...embargo, until: null, deployment: null, pap: null }],
        ["when it is over", { ...embargo, disclosure: "published", deployment: "allowed" }],
        ["of a withdrawn case", { ...embargo, disclosure: "withdrawn", deployment: "not_allowed" }],
    ])("matches its schema: %s", (_, state) => {
        expect(schema.Check(valueOf(state))).toBe(true)
    })

    test.each<[string, object]>([
        ["another state", { disclosure_state: "secret" }],
        ["no state", { disclosure_state: undefined }],
        ["an invalid end", { embargo_until: "tomorrow" }],
        ["an unknown field", { reason: "because" }],
    ])("is refused: %s", (_, changed) => {
        const value: unknown = JSON.parse(JSON.stringify({ ...(valueOf(embargo) as object), ...changed }))
        expect(schema.Check(value)).toBe(false)
    })
})

describe("STIX of an author", () => {
    const bare = { type: "vulnerability", spec_version: "2.1", id: vulnerability, name: "A" }
    const labelled = { ...bare, object_marking_refs: [markingId("GREEN")] }
    const identity = { type: "identity", id: source.identityId, name: "B" }
    const inBundle = (...objects: object[]) => copyText(JSON.stringify({ type: "bundle", id: idOf("bundle"), objects }))

    test("is unchanged, except that unlabelled objects get the label of the file", () => {
        const read = stix.objectsIn(inBundle(bare, labelled, identity), "RED")
        expect(read).toEqual([{ ...bare, object_marking_refs: [markingId("RED")] }, labelled, identity])
        expect(stix.objectsIn(copyText(JSON.stringify(labelled)), "RED")).toEqual([labelled])
    })

    describe("references the shared vulnerability of a CVE id", () => {
        const cve = "CVE-2025-49704"
        const shared = idOf("vulnerability", 7)
        const own = { ...bare, external_references: [{ source_name: "cve", external_id: cve }] }
        const other = { ...bare, id: idOf("vulnerability", 2), name: "CVE-2025-1" }
        const indicates = (target: string) => ({
            type: "relationship",
            source_ref: idOf("indicator"),
            target_ref: target,
        })
        const report = (...refs: string[]) => ({ type: "report", object_refs: refs })
        const shownTo = (...objects: StixObject[]) => stix.withSharedVulnerabilities(objects, new Map([[cve, shared]]))

        test("without an object of its own", () => {
            const objects = [own, other, indicates(own.id), report(own.id, other.id)]
            expect(shownTo(...objects)).toEqual([other, indicates(shared), report(shared, other.id)])
        })

        test("also when only the name contains the id", () => {
            expect(shownTo({ ...bare, name: cve }, indicates(bare.id))).toEqual([indicates(shared)])
        })

        test("and is unchanged without an id, or with an invalid one", () => {
            const odd = { ...bare, external_references: "cve", name: 7 }
            expect(shownTo(other, odd, indicates(other.id))).toEqual([other, odd, indicates(other.id)])
        })
    })

    test("has its version verbatim, else its creation time, else a stable one", () => {
        const [modified, created] = ["2025-06-20T09:00:00.1234567Z", "2025-06-20T09:00:00Z"]
        expect(stix.versionOf({ modified, created })).toBe(modified)
        expect(stix.versionOf({ created })).toBe(created)
        expect(stix.versionOf({})).toBe("1970-01-01T00:00:00.000Z")
    })
})
