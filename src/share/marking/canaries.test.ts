import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../../../test/database.ts"
import { dumpOf, foundIn } from "../../../test/dump.ts"
import { type Program, newCase, program } from "../../../test/program.ts"
import { readContent } from "../../demo/content.ts"
import { coresIn, digestOf } from "../../lib/canary.ts"
import { bucketOf } from "../../lib/padding.ts"
import { addArtifact, masterOf } from "../artifacts/actions.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import { decoysEach, namesAmong } from "../canaries/actions.ts"
import { copyFor, marksFor } from "./actions.ts"
import { readOwn } from "./actions/reading.ts"

let its: Program
let caseId: string
beforeAll(async () => {
    its = await program({ canaryZone: "canary.example" })
    caseId = await newCase(its, "toolshell")
}, 120_000)
afterAll(() => its.database.close())

const add = (kind: ArtifactClass, name: string, content: string) =>
    its.acting(its.author, (act) =>
        addArtifact(act, {
            ...{ case: caseId, class: kind, tlp: "RED", pap: "RED", content },
            name: `${newId()}-${name}`,
        } as const),
    )
const copy = (artifact: string, partner: string) =>
    its.acting(its.author, async (act) => (await copyFor(act, await masterOf(act, artifact, null), partner)).toString())
const whose = (text: string) =>
    its.acting(its.investigator, async (act) => [
        ...(await namesAmong(act, coresIn(text, 1000).map(digestOf))).values(),
    ])
const short = "It asks {{canary:host}}, {{canary:url}}, {{canary:address}}, {{canary:credential}}, {{canary:hash}}.\n"

test("two partners' copies of a text with nothing else to choose differ in the names alone, and are equally long", async () => {
    const artifact = await add("technical", "short.md", short)
    const [a, b] = [await copy(artifact, newId()), await copy(artifact, newId())]
    expect(a).not.toBe(b)
    const blank = (text: string) => coresIn(text, 100).reduce((sum, core) => sum.replaceAll(core, "name"), text)
    expect(blank(a).trimEnd()).toBe(blank(b).trimEnd())
    expect(blank(a)).toContain("It asks name.canary.example, http://name.canary.example/, name, name, name.")
    expect(Buffer.byteLength(a)).toBe(Buffer.byteLength(b))
    expect(bucketOf(Buffer.byteLength(a))).toBe(Buffer.byteLength(a))
})

test("each name tells whose copy it stands in, and a decoy's that nobody has it", async () => {
    const artifact = await add("technical", "technical.md", readContent("toolshell/technical.md") + short)
    const partner = newId()
    const text = await copy(artifact, partner)
    expect(await copy(artifact, partner)).toBe(text)
    const found = await whose(text)
    expect(found.map(({ what }) => what).toSorted()).toEqual(["address", "credential", "hash", "host", "url"])
    for (const one of found) {
        expect(one).toMatchObject({ case: caseId, artifact, version: 1, recipient: partner, decoy: false })
    }
    const marks = await its.acting(its.author, async (act) => await marksFor(act, await masterOf(act, artifact, null)))
    const decoys = Array.from({ length: decoysEach }, (_, n) => marks?.namesFor(`decoy ${n + 1}`) ?? []).flat()
    expect(new Set((await whose(decoys.map(({ core }) => core).join("\n"))).map((one) => one.recipient)).size).toBe(20)
    expect(
        await whose(
            marks
                ?.namesFor(newId())
                .map(({ core }) => core)
                .join(" ") ?? "",
        ),
    ).toEqual([])
})

test("a person of the operator has names of its own", async () => {
    const artifact = await add("technical", "own.md", short)
    const { content, text } = await its.acting(its.approver, (act) => readOwn(act, artifact))
    expect(text).toBe("own")
    expect((await whose(content)).map(({ recipient }) => recipient)).toEqual(
        Array(5).fill(`person ${its.approver.person}`),
    )
})

test("code with canaries runs as it did: the same names wherever it says the same", async () => {
    const code = `import urllib.request\n\nhost = "{{canary:host}}"\n\n\ndef ask(host):\n    return urllib.request.urlopen("http://" + host)\n\n\nprint(ask("{{canary:host}}"))\n`
    const artifact = await add("poc", "poc.py", code)
    const text = await copy(artifact, newId())
    const names = [...text.matchAll(/[a-z2-7]{20}\.canary\.example/g)].map(([name]) => name)
    expect(names).toHaveLength(2)
    expect(new Set(names).size).toBe(1)
    expect(text).not.toContain("canary:host")
})

test("a class that machines read keeps the braces as they are, and nothing is planted", async () => {
    const before = (await its.database.db.transaction((tx) => tx.query("select from canary_names"))).length
    const artifact = await add("guidance", "guide.txt", `{{one|two}} ${short}`)
    expect(await copy(artifact, newId())).toContain("{{canary:host}}")
    expect(await its.database.db.transaction((tx) => tx.query("select from canary_names"))).toHaveLength(before)
})

test("nothing lets a text out whose hosts have no zone any more; what went out keeps the zone of then", async () => {
    const [old, fresh] = [await add("technical", "old.md", short), await add("technical", "fresh.md", short)]
    const partner = newId()
    const text = await copy(old, partner)
    const without = { ...its.doors, canaryZone: null }
    const again = (artifact: string) =>
        its.acting(its.author, async (act) =>
            (await copyFor({ ...act, doors: without }, await masterOf(act, artifact, null), partner)).toString(),
        )
    expect(await again(old)).toBe(text)
    await expect(again(fresh)).rejects.toThrow("not set")
})

test("K-11: the database holds neither a name nor whose it is", async () => {
    const partner = newId()
    const text = await copy(await add("technical", "secret.md", short), partner)
    const dump = await dumpOf(its.database.db, ["events", "pending_events"])
    expect(foundIn(dump, coresIn(text, 100))).toEqual([])
    expect(foundIn(dump, [partner])).toEqual([])
})
