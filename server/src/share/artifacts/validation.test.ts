import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../test/support/actors.ts"
import { type Program, newArtifact, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { requestRelease } from "../release/actions/release-wave.ts"
import { listWaves } from "../waves/actions.ts"
import { addArtifact, reviseArtifact } from "./actions/add-artifact.ts"
import { addSample, removeSample, listSamples } from "./actions/manage-samples.ts"
import { validateVersion, validateDraft } from "./actions/validate-artifact.ts"
import { samplesMax } from "./sample.ts"

let world: Program
let subject: string
beforeAll(async () => {
    world = await createProgram()
    await newPartner(world, "validate")
    subject = await newCase(world, "toolshell")
})
afterAll(async () => await world.database.close())

const samples = {
    hit: { name: "hit.txt", must: "hit", content: "a needle", base64: false },
    miss: { name: "miss.bin", must: "miss", content: Buffer.from("hay").toString("base64"), base64: true },
} as const
const needle = 'rule needle { strings: $a = "needle" condition: $a }'

async function codesOf(id: string): Promise<string[]> {
    const { issues: findings } = await world.acting(world.author, (ctx) => validateVersion(ctx, id, null))
    return findings.map((finding) => `${finding.severity} ${finding.line}:${finding.column} ${finding.code}`)
}

async function add(name: string, content: string): Promise<string> {
    const input = { case: subject, class: "rules", tlp: "RED", pap: "RED", name, content } as const
    return await world.acting(world.author, (ctx) => addArtifact(ctx, input))
}

describe("YARA rules", () => {
    test("run over their samples, text or binary", async () => {
        const id = await add("needle.yar", needle)
        for (const item of [samples.hit, samples.miss])
            await world.acting(world.author, (ctx) => addSample(ctx, id, item))
        expect(await codesOf(id)).toEqual([])
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, id, needle.replace('"needle"', '"hay"')))
        expect(await codesOf(id)).toEqual(["error 1:1 artifact.sample_missed", "error 1:1 artifact.sample_hit"])
    })

    test("in a bundle are compiled, and errors are reported at their place", async () => {
        const pattern = {
            type: "indicator",
            spec_version: "2.1",
            id: "indicator--00000000-0000-4000-8000-000000000001",
        }
        const at = "2025-06-20T09:00:00Z"
        const more = { created: at, modified: at, valid_from: at, pattern_type: "yara", pattern: "rule a {" }
        const content = JSON.stringify({ ...pattern, ...more })
        const draft = { class: "indicators", tlp: "RED", pap: "RED", name: "a.json", content } as const
        const column = content.indexOf('"rule a {"') + 1
        expect(await validateDraft(draft, [], false)).toMatchObject([{ line: 1, column, code: "yara.e001" }])
    })
})

test("samples without an engine are reported as untested", async () => {
    const content = readContent("toolshell/request.rules")
    const draft = { class: "rules", tlp: "RED", pap: "RED", name: "a.rules", content } as const
    expect(await validateDraft(draft, [samples.hit], false)).toMatchObject([
        { severity: "warning", code: "artifact.corpus_not_run" },
    ])
})

describe("samples", () => {
    test("are encrypted, recorded by id, and can be deleted", async () => {
        const id = await add("other.yar", needle)
        const before = (await listEvents(world.database)).length
        const sample = await world.acting(world.author, (ctx) => addSample(ctx, id, samples.hit))
        expect(await world.acting(world.author, (ctx) => listSamples(ctx, id))).toMatchObject([
            { id: sample, ...samples.hit },
        ])
        const rows = await world.database.db.transaction((tx) =>
            tx.query<{ sample_ciphertext: Buffer }>("select sample_ciphertext from artifact_samples where id = $1", [
                sample,
            ]),
        )
        expect(rows[0]?.sample_ciphertext.includes("needle")).toBe(false)
        await world.acting(world.author, (ctx) => removeSample(ctx, id, sample))
        expect(await world.acting(world.author, (ctx) => listSamples(ctx, id))).toEqual([])
        const events = (await listEvents(world.database)).slice(before)
        expect(events.map((item) => item.kind)).toEqual(["artifact.sample_added", "artifact.sample_removed"])
        expect(JSON.stringify(events)).not.toContain("needle")
    })

    test("are limited in number, editable by authors only, and belong to an artifact", async () => {
        const id = await add("many.yar", needle)
        const adding = (actor: Program["author"], to: string) =>
            awaitRefusalCode(world.acting(actor, (ctx) => addSample(ctx, to, samples.hit)))
        for (let n = 0; n < samplesMax; n++) expect(await adding(world.author, id)).toBe("done")
        expect(await adding(world.author, id)).toBe("artifact.too_many_samples")
        expect(await adding(world.author, subject)).toBe("artifact.not_found")
        expect(await awaitRefusalCode(world.acting(world.author, (ctx) => removeSample(ctx, id, subject)))).toBe(
            "artifact.sample_not_found",
        )
    })
})

describe("a release", () => {
    const ask = async (which: string) => {
        const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, which)))[0]?.id ?? ""
        return await awaitRefusalCode(world.acting(world.manager, (ctx) => requestRelease(ctx, wave)))
    }

    test("cannot be requested with an error, and can once it is fixed", async () => {
        const which = await newCase(world, "bypass")
        const id = await newArtifact(world, which, "rules", "bypass/request-web-log.yml")
        const missed = { name: "s.json", must: "hit", content: "{}", base64: false } as const
        const sample = await world.acting(world.author, (ctx) => addSample(ctx, id, missed))
        expect(await ask(which)).toBe("artifact.not_valid")
        await world.acting(world.author, (ctx) => removeSample(ctx, id, sample))
        expect(await ask(which)).toBe("done")
        const spoiled = readContent("bypass/request-web-log.yml").replace(
            "condition: pane_request",
            "condition: nothing",
        )
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, id, spoiled))
        expect(await ask(which)).toBe("artifact.not_valid")
    })

    test("is refused with the place and text of the error", async () => {
        const which = await newCase(world, "bypass")
        const input = {
            case: which,
            class: "rules",
            tlp: "RED",
            pap: "RED",
            name: "a.yar",
            content: "rule a {",
        } as const
        await world.acting(world.author, (ctx) => addArtifact(ctx, input))
        const wave = (await world.acting(world.manager, (ctx) => listWaves(ctx, which)))[0]?.id ?? ""
        await expect(world.acting(world.manager, (ctx) => requestRelease(ctx, wave))).rejects.toThrow(
            /^`a\.yar:1:9` `yara\.e001`: syntax error/,
        )
    })
})
