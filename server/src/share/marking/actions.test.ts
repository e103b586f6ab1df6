import { writeRows } from "../../../../test/support/change-notes.ts"
import fc from "fast-check"
import { readerOf } from "@tocsin/marks/carriers/registry"
import { MasterText, rawText } from "@tocsin/marks/carriers/resolved-text"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import { newId } from "../../../../test/support/database.ts"
import {
    type Program,
    fetchCopyText,
    releaseWaveNow,
    newCase,
    newPartner,
    createProgram,
} from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { parseInstant } from "@tocsin/base/instant"
import { PendingWork } from "../../kernel/route.ts"
import { padmeLength } from "@tocsin/base/padding"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { loadMaster } from "../artifacts/actions/load-artifacts.ts"
import { makeCopyFor, prepareMarks, findDeliveredMarks } from "./actions/mark-copy.ts"

let world: Program
let caseId: string
beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
}, 120_000)
afterAll(() => world.database.close())

let artifact: string
const add = (name: string, content: string) =>
    world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: caseId,
            class: "technical",
            tlp: "RED",
            pap: "RED",
            content,
            name: `${world.services.newId()}-${name}`,
        } as const),
    )
const copy = (partner: string, id = artifact, version: number | null = null) =>
    world.acting(world.author, async (ctx) => {
        return (await makeCopyFor(ctx, await loadMaster(ctx, id, version), partner)).toString()
    })
const marks = (id = artifact) =>
    world.acting(world.author, async (ctx) => await prepareMarks(ctx, await loadMaster(ctx, id, null)))
const commitments = async () => (await listEvents(world.database)).filter(({ kind }) => kind === "marks.committed")

const texts = {
    prose: "toolshell/technical.md",
    code: "toolshell/poc.py",
    rules: "toolshell/request.rules",
    detection: "toolshell/request-web-log.yml",
    patterns: "toolshell/layouts-page.yar",
    data: "toolshell/indicators.json",
} as const

describe.each(Object.entries(texts))("a copy of %s", (_, file) => {
    const content = readContent(file)
    const name = file.slice(file.lastIndexOf("/") + 1)
    beforeEach(async () => {
        artifact = await add(name, content)
    })

    test("is identical, byte for byte, each time it is made", async () => {
        const partner = newId()
        const first = await copy(partner)
        for (let n = 0; n < 3; n++) expect(await copy(partner)).toBe(first)
    })

    test("differs for each partner, and has one length for all", async () => {
        const copies = await Promise.all(Array.from({ length: 12 }, () => copy(newId())))
        expect(new Set(copies).size).toBe(12)
        expect(new Set(copies.map((copy) => Buffer.byteLength(copy))).size).toBe(1)
        const [bytes = 0] = copies.map((copy) => Buffer.byteLength(copy))
        expect(padmeLength(bytes)).toBe(bytes)
        expect(copies).not.toContain(content)
    })

    test("has the partner's codeword, and only few slots are unreadable", async () => {
        const made = await marks()
        const symbols: unknown[] = []
        for (let n = 0; n < 20; n++) {
            const partner = newId()
            const read = readerOf(name)?.(content, made?.slots ?? [], await copy(partner)) ?? []
            const word = made?.book.codewordOf(partner) ?? []
            expect(read.length).toBeGreaterThan(10)
            expect(read.filter((symbol, i) => symbol !== null && symbol !== word[i])).toEqual([])
            symbols.push(...read)
        }
        expect(symbols.filter((symbol) => symbol === null).length).toBeLessThan(symbols.length / 10)
    })

    test("differs in another version, and the old one can still be made", async () => {
        const partner = newId()
        const first = await copy(partner, artifact, 1)
        await world.acting(world.author, (ctx) => reviseArtifact(ctx, artifact, content))
        expect(await copy(partner, artifact, 2)).not.toBe(first)
        expect(await copy(partner, artifact, 1)).toBe(first)
    })
})

describe("the manifest", () => {
    beforeEach(async () => {
        artifact = await add("technical.md", readContent(texts.prose))
    })

    test("is recorded once before the first delivery, and encrypted", async () => {
        const before = (await listEvents(world.database)).length
        const partner = await newPartner(world, "validate")
        world.clock.now = Math.max(world.clock.now, parseInstant("2025-06-24T17:00:00Z"))
        await world.database.db.transaction((tx) => writeRows(tx, "update waves set released_at = null"))
        await releaseWaveNow(world, caseId, "validate", [artifact])
        await fetchCopyText(world, partner, artifact)
        await fetchCopyText(world, partner, artifact)
        const kinds = (await listEvents(world.database)).slice(before).map(({ kind }) => kind)
        const order = kinds.filter((kind) => kind === "marks.committed" || kind === "copy.delivered")
        expect(order).toEqual(["marks.committed", "copy.delivered", "copy.delivered"])
        const sealed = await world.database.db.transaction((tx) =>
            tx.query<{ sealed: boolean }>("select confidential as sealed from events where kind like 'marks.%'"),
        )
        expect(sealed.every((item) => item.sealed)).toBe(true)
    })

    test("is committed once by parallel fetches", async () => {
        const before = (await commitments()).length
        const copies = await Promise.all(Array.from({ length: 5 }, () => copy("somebody")))
        expect(new Set(copies).size).toBe(1)
        expect(await commitments()).toHaveLength(before + 1)
    })

    test.each([
        ["the manifest", "update marked_versions set manifest = sha256('other') where artifact_id = $1"],
        ["the epoch", "update marked_versions set epoch = 7 where artifact_id = $1"],
    ])("stops marking when %s was changed in the database", async (_, sql) => {
        await copy(newId())
        await world.database.db.transaction((tx) => tx.query(sql, [artifact]))
        await expect(copy(newId())).rejects.toThrow(/differ from the committed ones|epoch is missing/)
    })

    /** Only the last few documents are cached. */
    const forget = async () => {
        for (let n = 0; n < 17; n++)
            await copy(newId(), await add("other.md", `Document ${n} is short, for example.\n`))
    }
    const boxOf = async (id: string) => {
        const sql = "select slots_ciphertext as box from marked_versions where artifact_id = $1"
        return (await world.database.db.transaction((tx) => tx.query<{ box: Buffer }>(sql, [id])))[0]?.box
    }
    const setBox = async (box: Buffer | null | undefined) => {
        const sql = "update marked_versions set slots_ciphertext = $2 where artifact_id = $1"
        await world.database.db.transaction((tx) => tx.query(sql, [artifact, box]))
    }

    test("keeps the slots, encrypted to their version: the same copy is made from them only", async () => {
        const [partner, first] = [newId(), artifact]
        const before = await copy(partner)
        const other = await add("other.md", readContent("toolshell/summary.md"))
        await copy(partner, other)
        const [own, others] = [await boxOf(first), await boxOf(other)]
        expect(own?.toString("latin1")).not.toContain("variants")
        await forget()
        expect(await copy(partner, first)).toBe(before)
        await forget()
        await setBox(others)
        await expect(copy(partner, first)).rejects.toThrow()
        // Committed before slots were kept: they are found again.
        await setBox(null)
        expect(await copy(partner, first)).toBe(before)
    })

    test("stops marking when the master was changed in the database", async () => {
        await copy(newId())
        const changed = (ctx: Parameters<typeof loadMaster>[0]) =>
            loadMaster(ctx, artifact, null).then((master) => ({
                ...master,
                content: new MasterText(`${rawText(master.content)}One more.\n`),
            }))
        const again = world.acting(world.author, async (ctx) => await makeCopyFor(ctx, await changed(ctx), newId()))
        await expect(again).rejects.toThrow("differ from the committed ones")
    })

    test("does not exist for a version that was never delivered", async () => {
        const delivered = () =>
            world.acting(
                world.author,
                async (ctx) => await findDeliveredMarks(ctx, await loadMaster(ctx, artifact, null)),
            )
        expect(await delivered()).toBe(null)
        await copy(newId())
        expect((await delivered())?.slots.length).toBeGreaterThan(10)
    })
})

test("finding slots in a long text holds no lock: callers are asked to retry", async () => {
    artifact = await add(
        "long.md",
        Array.from({ length: 1200 }, (_, n) => `Host ${n} fails, for example, at once.\n`).join("\n"),
    )
    const first = await copy(newId()).catch((error: unknown) => error)
    expect(first).toBeInstanceOf(PendingWork)
    expect(await copy(newId()).catch((error: unknown) => error)).toBeInstanceOf(PendingWork)
    await (first as PendingWork).work
    expect(await copy("somebody")).toBe(await copy("somebody"))
})

test("files of an unmarked class are the same for all, and commit nothing", async () => {
    const content = "address,port\n192.0.2.44,443\n"
    artifact = await add("indicators.csv", content)
    const before = (await commitments()).length
    const copies = await Promise.all([copy(newId()), copy(newId())])
    expect(copies[0]).toBe(copies[1])
    expect(copies[0]?.trimEnd()).toBe(content.trimEnd())
    expect(padmeLength(Buffer.byteLength(copies[0] ?? ""))).toBe(Buffer.byteLength(copies[0] ?? ""))
    expect(await marks()).toBe(null)
    expect(await commitments()).toHaveLength(before)
})

test("the master key is encrypted in the database, and created once", async () => {
    artifact = await add("technical.md", readContent(texts.prose))
    await copy(newId())
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ epoch: number; box: Buffer }>("select epoch, master_ciphertext as box from mark_masters"),
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.box.length).toBeGreaterThan(32)
    expect((await listEvents(world.database)).filter(({ kind }) => kind === "marks.master_created")).toHaveLength(1)
})

test("the copies of two partners have equal lengths, however short the text", async () => {
    const sentences = fc.array(
        fc.constantFrom(
            "An attacker can use this to start a program. ",
            "We don't think that it is big. ",
            "Begin with `a`, b, and c.\n\n",
        ),
        { minLength: 1, maxLength: 6 },
    )
    await fc.assert(
        fc.asyncProperty(sentences, async (list) => {
            artifact = await add("note.md", list.join(""))
            const lengths = [await copy("a"), await copy("b"), await copy("c")].map((item) => Buffer.byteLength(item))
            expect(new Set(lengths).size).toBe(1)
        }),
        { numRuns: 10 },
    )
})

test("a script that no grammar parses is delivered unmarked, the same to all", async () => {
    const content = 'for file do\n    echo "$file" )\ndone\n'
    const script = await add("check.sh", content)
    const copies = await Promise.all([copy(newId(), script), copy(newId(), script)])
    expect(new Set(copies).size).toBe(1)
    expect(copies[0]?.trimEnd()).toBe(content.trimEnd())
    expect((await marks(script))?.slots).toEqual([])
})
