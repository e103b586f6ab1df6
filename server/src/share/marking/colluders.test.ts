import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { type Program, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { readContent } from "../../demo/content.ts"
import { slotsNeeded } from "@tocsin/marks/evidence/reach"
import { addArtifact, reviseArtifact } from "../artifacts/actions/add-artifact.ts"
import { listArtifacts, loadMaster } from "../artifacts/actions/load-artifacts.ts"
import { prepareMarks } from "./actions/mark-copy.ts"
import { estimateStrength } from "./actions/estimate-strength.ts"

let world: Program
let caseId: string
beforeAll(async () => {
    world = await createProgram()
    caseId = await newCase(world, "toolshell")
    for (let n = 0; n < 3; n++) await newPartner(world, "validate")
}, 120_000)
afterAll(() => world.database.close())

const content = readContent("toolshell/technical.md")
const add = (colluders?: number, text = content) =>
    world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            ...({ case: caseId, class: "technical", tlp: "RED", pap: "RED", content: text, colluders } as const),
            name: `${world.services.newId()}.md`,
        }),
    )
const marks = (id: string, version: number | null = null) =>
    world.acting(world.author, async (ctx) => await prepareMarks(ctx, await loadMaster(ctx, id, version)))
/** The chances of the master's own form, of slots of two forms. */
const biases = async (id: string, version: number | null = null) => {
    const coins = (await marks(id, version))?.book.coins ?? []
    return [...new Set(coins.filter((coin) => coin.length === 2).map(([first = 0]) => first))].toSorted((a, b) => a - b)
}
const committed = async (id: string) => {
    const sql = "select version, colluders from marked_versions where artifact_id = $1 order by version"
    return await world.database.db.transaction((tx) => tx.query<{ version: number; colluders: number }>(sql, [id]))
}

describe("the number of colluders that an author sets", () => {
    test.each([
        [undefined, [128]],
        [1, [128]],
        [2, [128]],
        [3, [48, 64, 192, 208]],
        [4, [48, 64, 192, 208]],
        [5, [16, 80, 176, 240]],
        [8, [16, 80, 176, 240]],
    ])("%s: biases %j", async (declared, expected) => {
        expect(await biases(await add(declared))).toEqual(expected)
    })

    test("stays for the next version unless changed, and does not change for the older one", async () => {
        const id = await add(3)
        await marks(id)
        const revise = (colluders?: number) =>
            world.acting(world.author, (ctx) => reviseArtifact(ctx, id, `${content}\nMore.\n`, colluders))
        await revise()
        expect(await biases(id)).toEqual([48, 64, 192, 208])
        await revise(8)
        expect(await biases(id)).toEqual([16, 80, 176, 240])
        expect(await biases(id, 1)).toEqual([48, 64, 192, 208])
        expect(await committed(id)).toEqual([
            { version: 1, colluders: 4 },
            { version: 2, colluders: 4 },
            { version: 3, colluders: 8 },
        ])
        const listed = await world.acting(world.author, (ctx) => listArtifacts(ctx, caseId))
        expect(listed.find((artifact) => artifact.id === id)).toMatchObject({ version: 3, colluders: 8 })
    })

    test.each([0, 9, 2.5, Number.NaN, -1])("%s is refused", async (declared) => {
        expect(await awaitRefusalCode(add(declared))).toBe("artifact.bad_colluders")
        const id = await add()
        const revised = world.acting(world.author, (ctx) => reviseArtifact(ctx, id, content, declared))
        expect(await awaitRefusalCode(revised)).toBe("artifact.bad_colluders")
    })
})

describe("the traceability of a text", () => {
    const strength = (id: string) => world.acting(world.author, (ctx) => estimateStrength(ctx, id, null))

    test("is shown before any delivery, and commits to nothing", async () => {
        const id = await add(4)
        const found = await strength(id)
        expect(found).toMatchObject({ colluders: 4, recipients: 3 })
        expect(await committed(id)).toEqual([])
        const { lastingSlots: lasts, slots, errors } = found ?? { lastingSlots: {}, slots: 0, errors: [] }
        const { typography = 0, ...counted } = lasts
        expect(typography).toBeGreaterThan(0)
        expect(Object.values(counted).reduce((sum, value) => sum + value, 0)).toBe(slots)
        expect(errors.map(({ alpha }) => alpha)).toEqual([1e-6, 1e-3])
        expect(errors[0]?.merged.map((merged) => merged.colluders)).toEqual([2, 3, 4])
        expect(errors[0]?.merged[2]?.needed).toBe(slotsNeeded(4, { recipients: 3, alpha: 1e-6, design: 4 }))
        expect(errors[0]?.merged[0]?.needed).toBeGreaterThan(errors[1]?.merged[0]?.needed ?? Infinity)
    })

    test("is lower for one leaker when made for more colluders, and fixed once delivered", async () => {
        const short = content.slice(0, 2500)
        const among = async (colluders: number) =>
            (await strength(await add(colluders, short)))?.errors[0]?.identifiableAmong ?? 0
        const [two, four] = [await among(2), await among(4)]
        expect(two).toBeGreaterThan(four)
        const id = await add(2)
        const before = await strength(id)
        await marks(id)
        expect(await strength(id)).toEqual(before)
    })

    test("does not exist for an unmarked class", async () => {
        const input = { case: caseId, class: "indicators", tlp: "RED", pap: "RED", name: "list.csv" } as const
        const id = await world.acting(world.author, (ctx) => addArtifact(ctx, { ...input, content: "a,b\n" }))
        expect(await strength(id)).toBe(null)
    })
})
