/** The text of a proof of concept has a data key of its own, which ends with the content of the case. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { record } from "../server/src/kernel/action-context.ts"
import { emptyHighWater } from "../server/src/models/high-water.ts"
import { loadMaster } from "../server/src/share/artifacts/actions/load-artifacts.ts"
import { encryptForCase } from "../server/src/share/cases/actions/load-case.ts"
import { reapplyEnds } from "../server/src/trust/continuity/actions/reapply-ends.ts"
import { awaitRefusalCode, system } from "./support/actors.ts"
import { newId } from "./support/database.ts"
import { type Program, createProgram, newArtifact, newCase } from "./support/program.ts"

let world: Program
let subject: string
let summary: string
let poc: string

beforeEach(async () => {
    world = await createProgram()
    subject = await newCase(world, "toolshell")
    summary = await newArtifact(world, subject, "summary", "toolshell/summary.md")
    poc = await newArtifact(world, subject, "poc", "toolshell/poc.py")
})
afterEach(() => world.database.close())

const read = (id: string): Promise<string> =>
    world.acting(system, async (ctx) => rawText((await loadMaster(ctx, id, null)).content))

async function listScopes(): Promise<string[]> {
    const rows = await world.acting(system, ({ tx }) =>
        tx.query<{ scope: string }>("select scope from data_keys where scope like '%' || $1 order by scope", [subject]),
    )
    return rows.map(({ scope }) => scope)
}

test("the key of the case does not open a proof of concept", async () => {
    expect(await read(poc)).toContain("python")
    await world.acting(system, ({ tx }) => tx.query("delete from data_keys where scope = $1", [`poc:${subject}`]))
    expect(await read(summary)).not.toBe("")
    await expect(read(poc)).rejects.toThrow(`there is no data key for poc:${subject}`)
})

test("a proof of concept from before has the key of the case", async () => {
    await world.acting(system, async (ctx) => {
        const content = await encryptForCase(ctx, subject, `artifact_versions.content:${poc}:1`, "from before")
        await ctx.tx.query(
            "update artifact_versions set content_ciphertext = $2, has_poc_key = false where artifact_id = $1",
            [poc, content],
        )
        await record(ctx, { kind: "artifact.versioned", case: subject, artifact: poc, version: 1 })
    })
    expect(await read(poc)).toBe("from before")
})

test("a restored database destroys both keys again", async () => {
    expect(await listScopes()).toEqual([`case:${subject}`, `poc:${subject}`])
    const ends = [`case:${subject}`, `poc:${subject}`].map(
        (id) => ({ kind: "data_key", id, status: null, from: world.clock.now, expires: null }) as const,
    )
    const mark = { ...emptyHighWater(newId(), true), ends }
    expect(await world.acting(system, (ctx) => reapplyEnds(ctx, mark))).toMatchObject([
        { id: `case:${subject}`, outcome: "applied" },
    ])
    expect(await listScopes()).toEqual([])
    expect(await awaitRefusalCode(read(poc))).toBe("case.content_deleted")
    expect(await world.acting(system, (ctx) => reapplyEnds(ctx, mark))).toEqual([])
})
