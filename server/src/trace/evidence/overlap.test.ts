import { afterAll, beforeAll, expect, test } from "vitest"
import {
    type Acting,
    actingOn,
    awaitRefusalCode,
    createStaffMember,
    testServices,
} from "../../../../test/support/actors.ts"
import { zipOf } from "../../../../test/support/archives.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import type { Tx } from "../../platform/postgres/db.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Actor } from "../../kernel/actor.ts"
import { attribute, attributeLeak } from "../attribution/actions/attribute-leak.ts"
import { readAttributions } from "../attribution/actions/load-attributions.ts"
import { addLeak } from "./actions/add-evidence.ts"
import { eraseEvidence } from "./actions/erase-evidence.ts"
import { findSimilarEvidence } from "./actions/find-similar.ts"
import { extractArchive, readEvidence } from "./actions/read-evidence.ts"

const clock = { now: Date.parse("2025-07-10T00:00:00Z") }
let database: TestDatabase
let acting: Acting
let ines: Actor & { person: string }

beforeAll(async () => {
    database = await createDatabase()
    acting = actingOn(testServices(database, clock), clock)
    ines = await createStaffMember(acting, ["investigator"])
})
afterAll(() => database.close())

const text = Buffer.from("The server trusts a header that anybody can send.")
const archive = zipOf([{ name: "a.txt", content: text.toString() }])
const filed = (content: Buffer) =>
    acting(ines, (ctx) =>
        addLeak(ctx, {
            case: null,
            name: "paste.txt",
            source: "a site",
            note: "",
            content,
            observedAt: clock.now - 1000,
            clock: "unknown" as const,
        }),
    )

/** Deletes the evidence after all was read, and before anything is stored. */
const meanwhileDeleted = (ctx: ActionContext, evidence: string): ActionContext => {
    let isDeleted = false
    const query = async <Row>(sql: string, values?: readonly unknown[]): Promise<Row[]> => {
        if (
            !isDeleted &&
            /for no key update|insert into (attributions|archive_extractions)|set fingerprint_level/.test(sql)
        ) {
            isDeleted = true
            await acting(ines, (other) => eraseEvidence(other, evidence, ines.person, "it is private"))
        }
        return await ctx.tx.query<Row>(sql, values)
    }
    const tx: Tx = { ...ctx.tx, query }
    return { ...ctx, tx }
}

const kept = async (id: string) =>
    await database.db.transaction((tx) =>
        tx.query(
            `select evidence_id as evidence from attributions where evidence_id = $1
             union all select evidence_id as evidence from archive_extractions where evidence_id = $1
             union all select evidence_id as evidence from text_fingerprints where evidence_id = $1`,
            [id],
        ),
    )

test.each([
    ["an attribution", text, attribute, "evidence.already_deleted"],
    ["an attribution by itself", text, attributeLeak, "done"],
    ["an opening", archive, extractArchive, "done"],
    ["an archive that is read", archive, readEvidence, "done"],
    ["a comparison", text, findSimilarEvidence, "done"],
] as const)("%s during a deletion leaves nothing, and reads as deleted", async (_, content, does, code) => {
    const id = await filed(content)
    expect(await awaitRefusalCode(acting(ines, (ctx): Promise<unknown> => does(meanwhileDeleted(ctx, id), id)))).toBe(
        code,
    )
    expect(await kept(id)).toEqual([])
    expect(await acting(ines, (ctx) => readAttributions(ctx, id))).toEqual([])
    expect(await acting(ines, (ctx) => readEvidence(ctx, id))).toMatchObject({ content: null, name: "deleted" })
})
