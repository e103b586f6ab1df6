/**
 * Runs HTTP scripts against the real apps on a real database, each in a copy of the demonstration. http/script.ts
 * documents the language.
 */
import fs from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Type } from "typebox"
import { assertAnswerMatchesSchema } from "./support/answers.ts"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"
import { Player } from "./http/playing.ts"
import { parseScript } from "./http/script.ts"

const folder = new URL("http/", import.meta.url)
const scripts = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => ({ name, scenes: parseScript(fs.readFileSync(new URL(name, folder), "utf8")) }))

let master: SeededMaster
beforeAll(async () => {
    master = await seedMaster()
})
afterAll(async () => await master.close())

describe.each(scripts)("$name", ({ scenes }) => {
    let world: Demonstration
    let player: Player
    beforeAll(async () => {
        world = await copyDemonstration(master)
        player = new Player(world)
    })
    afterAll(async () => await world.close())

    test.each(scenes)("$title", async (scene) => {
        await player.play(scene)
        expect(world.faults).toEqual([])
    })
})

describe("an answer that differs from its declaration", () => {
    const answer = Type.Object({ id: Type.String(), parts: Type.Array(Type.Object({ at: Type.Integer() })) })
    const route = { method: "GET", path: "/api/things", answer } as const
    const good = { id: "a", parts: [{ at: 1 }] }

    test.each<[string, unknown, string]>([
        ["a field is missing", { id: "a" }, "required"],
        ["a field is of another kind", { ...good, id: 1 }, "/id must be string"],
        ["a field is undefined", { ...good, id: undefined }, "required"],
        ["a field was not declared", { ...good, name: "A" }, "additional"],
        ["nor was one further in", { ...good, parts: [{ at: 1, by: "me" }] }, "/parts/0"],
    ])("is a fault: %s", (_, given, fault) => {
        expect(() => assertAnswerMatchesSchema(route, good)).not.toThrow()
        expect(() => assertAnswerMatchesSchema(route, given)).toThrow(fault)
    })

    test("is a fault: a body where none is declared", () => {
        const silent = { ...route, answer: undefined }
        expect(() => assertAnswerMatchesSchema(silent, {})).not.toThrow()
        expect(() => assertAnswerMatchesSchema(silent, good)).toThrow("GET /api/things")
    })
})

describe("the language", () => {
    let world: Demonstration
    beforeAll(async () => {
        world = await copyDemonstration(master)
    })
    afterAll(async () => await world.close())

    test.each([
        ["another status", "GET /api/me\n404", "expected '200 null' to deeply equal '404 null'"],
        ["another code", "GET /api/cases\n404 case.not_found", "expected '404 request.not_found' to deeply equal"],
        ["another value", '\nGET /api/me\n200\n$.partner.tier = "entry"', "line 4: line 6: expected 'advance'"],
        ["a value that is not there", "GET /api/me\n200\n$.partner.owner ~ .", "line 5"],
        ["another answer", "GET /api/me\n200\nkeep a\n\nGET /api/keys\n200\nsame a", "line 9"],
        ["an event", "GET /api/me\n200\nrecorded copy.delivered", "line 5"],
        ["a name that nothing has", "GET /api/${nothing}\n200", "nothing is kept as `nothing`"],
    ])("finds %s", async (_, script, fault) => {
        const [scene] = parseScript(`## scene\nas copperline\n${script}`)
        await expect(new Player(world).play(scene ?? { title: "", blocks: [] })).rejects.toThrow(fault)
    })

    test.each([
        ["GET /api/me", "line 2: expects no status"],
        ["GET /api/me\n200\nwhatever", "line 4: is no check"],
        ["wait a minute", "line 2: is neither directive nor request"],
    ])("refuses `%s`", (script, fault) => {
        expect(() => parseScript(`## scene\n${script}`)).toThrow(fault)
    })
})
