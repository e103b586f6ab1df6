import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../../../test/support/database.ts"
import { dumpDatabase, foundIn } from "../../../../test/support/dump.ts"
import { type Program, newCase, createProgram } from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { coresIn, digestOf } from "@tocsin/marks/canary"
import { padmeLength } from "@tocsin/base/padding"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadMaster } from "../artifacts/actions/load-artifacts.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { decoysPerVersion } from "../canaries/actions/plant-canaries.ts"
import { findCanaryOwners } from "../canaries/actions/find-canaries.ts"
import { makeCopyFor, prepareMarks } from "./actions/mark-copy.ts"
import { readStaffCopy } from "./actions/read-staff-copy.ts"

let world: Program
let caseId: string
beforeAll(async () => {
    world = await createProgram({ canaryZone: "canary.example" })
    caseId = await newCase(world, "toolshell")
}, 120_000)
afterAll(() => world.database.close())

const add = (kind: ArtifactClass, name: string, content: string) =>
    world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: caseId,
            class: kind,
            tlp: "RED",
            pap: "RED",
            content,
            name: `${newId()}-${name}`,
        } as const),
    )
const copy = (artifact: string, partner: string) =>
    world.acting(world.author, async (ctx) =>
        (await makeCopyFor(ctx, await loadMaster(ctx, artifact, null), partner)).toString(),
    )
const owner = (text: string) =>
    world.acting(world.investigator, async (ctx) => [
        ...(await findCanaryOwners(ctx, coresIn(text, 1000).map(digestOf))).values(),
    ])
const short = "It asks {{canary:host}}, {{canary:url}}, {{canary:address}}, {{canary:credential}}, {{canary:hash}}.\n"

test("two copies of a text without other slots differ in the canaries only, and have equal lengths", async () => {
    const artifact = await add("technical", "short.md", short)
    const [a, b] = [await copy(artifact, newId()), await copy(artifact, newId())]
    expect(a).not.toBe(b)
    const blank = (text: string) => coresIn(text, 100).reduce((sum, core) => sum.replaceAll(core, "name"), text)
    expect(blank(a).trimEnd()).toBe(blank(b).trimEnd())
    expect(blank(a)).toContain("It asks name.canary.example, http://name.canary.example/, name, name, name.")
    expect(Buffer.byteLength(a)).toBe(Buffer.byteLength(b))
    expect(padmeLength(Buffer.byteLength(a))).toBe(Buffer.byteLength(a))
})

test("each name identifies the copy it is in, and decoys are in no copy", async () => {
    const artifact = await add("technical", "technical.md", readContent("toolshell/technical.md") + short)
    const partner = newId()
    const text = await copy(artifact, partner)
    expect(await copy(artifact, partner)).toBe(text)
    const found = await owner(text)
    expect(found.map(({ what: kind }) => kind).toSorted()).toEqual(["address", "credential", "hash", "host", "url"])
    for (const item of found) {
        expect(item).toMatchObject({ case: caseId, artifact, version: 1, recipient: partner, decoy: false })
    }
    const marks = await world.acting(
        world.author,
        async (ctx) => await prepareMarks(ctx, await loadMaster(ctx, artifact, null)),
    )
    const decoys = Array.from({ length: decoysPerVersion }, (_, n) => marks?.canariesFor(`decoy ${n + 1}`) ?? []).flat()
    expect(new Set((await owner(decoys.map(({ core }) => core).join("\n"))).map((item) => item.recipient)).size).toBe(
        20,
    )
    expect(
        await owner(
            marks
                ?.canariesFor(newId())
                .map(({ core }) => core)
                .join(" ") ?? "",
        ),
    ).toEqual([])
})

test("a staff member has their own names", async () => {
    const artifact = await add("technical", "own.md", short)
    const { content, textKind: text } = await world.acting(world.approver, (ctx) => readStaffCopy(ctx, artifact))
    expect(text).toBe("staff_copy")
    expect((await owner(content)).map(({ recipient }) => recipient)).toEqual(
        Array(5).fill(`person ${world.approver.person}`),
    )
})

test("code with canaries still runs: equal placeholders get equal names", async () => {
    const code =
        `import urllib.request\n\nhost = "{{canary:host}}"\n\n\ndef ask(host):\n    return ` +
        `urllib.request.urlopen("http://" + host)\n\n\nprint(ask("{{canary:host}}"))\n`
    const artifact = await add("poc", "poc.py", code)
    const text = await copy(artifact, newId())
    const names = [...text.matchAll(/[a-z2-7]{20}\.canary\.example/g)].map(([name]) => name)
    expect(names).toHaveLength(2)
    expect(new Set(names).size).toBe(1)
    expect(text).not.toContain("canary:host")
})

test("a class read by machines keeps its braces, and gets no canaries", async () => {
    const before = (await world.database.db.transaction((tx) => tx.query("select from canary_names"))).length
    const artifact = await add("guidance", "guide.txt", `{{one|two}} ${short}`)
    expect(await copy(artifact, newId())).toContain("{{canary:host}}")
    expect(await world.database.db.transaction((tx) => tx.query("select from canary_names"))).toHaveLength(before)
})

test("a text with host canaries is not released without a zone; released copies keep theirs", async () => {
    const [old, fresh] = [await add("technical", "old.md", short), await add("technical", "fresh.md", short)]
    const partner = newId()
    const text = await copy(old, partner)
    const without = { ...world.services, canaryZone: null }
    const again = (artifact: string) =>
        world.acting(world.author, async (ctx) =>
            (
                await makeCopyFor({ ...ctx, services: without }, await loadMaster(ctx, artifact, null), partner)
            ).toString(),
        )
    expect(await again(old)).toBe(text)
    await expect(again(fresh)).rejects.toThrow("canary zone")
})

test("K-11: the database holds no canary name and no owner of one", async () => {
    const partner = newId()
    const text = await copy(await add("technical", "secret.md", short), partner)
    const dump = await dumpDatabase(world.database.db, ["events", "pending_events"])
    expect(foundIn(dump, coresIn(text, 100))).toEqual([])
    expect(foundIn(dump, [partner])).toEqual([])
})
