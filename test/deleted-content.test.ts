/**
 * Two people delete the content of a published case of the demonstration's past. No ciphertext of the case can be
 * decrypted any longer, every route and channel answers, the worker fails at nothing, and a restored database deletes
 * the content again.
 */
import { createCipheriv, createDecipheriv } from "node:crypto"
import { inflateRawSync } from "node:zlib"
import { beforeAll, expect, test } from "vitest"
import { allRoutes } from "../server/src/routes.ts"
import { dayMs } from "@tocsin/base/instant"
import { historyUntil } from "../server/src/demo/history/history.ts"
import { demoStart } from "../server/src/demo/toolshell.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import { emptyHighWater } from "../server/src/models/high-water.ts"
import { loadMaster } from "../server/src/share/artifacts/actions/load-artifacts.ts"
import { encryptForCase, loadCaseFile } from "../server/src/share/cases/actions/load-case.ts"
import { amendCase } from "../server/src/share/release/actions/amend-case.ts"
import { listWarnings } from "../server/src/share/delivery/actions/project-warnings.ts"
import { reapplyEnds } from "../server/src/trust/continuity/actions/reapply-ends.ts"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { awaitRefusalCode, listEvents, system } from "./support/actors.ts"
import {
    type Demonstration,
    type SeededMaster,
    copyDemonstration,
    listPendingEvents,
    seedMaster,
} from "./support/demonstration.ts"
import { type Person, signApprovalAs, signedInAs } from "./support/signed-in.ts"

const title = "Quartz Mail Relay: overflow in the folding of long headers"
const reason = "The retention period has ended."

let master: SeededMaster
let world: Demonstration
/** A copy from before the deletion, like a restored backup. */
let older: Demonstration
let caseId = ""
/** Texts that occur in ciphertexts of the case only, and texts that readers of the content see. */
let secrets: string[] = []
let shown: string[] = []
/** Ids that routes take. */
let ids: string[] = []
let published: Record<string, string> = {}

const as = (name: string): Person => signedInAs(world, name)
const staff = ["ingrid", "meera", "kofi", "aoife", "rafael", "daria"]

async function acting<Result>(
    demonstration: Demonstration,
    work: (ctx: ActionContext) => Promise<Result>,
): Promise<Result> {
    const { services } = demonstration
    return await services.db.transaction(async (tx) =>
        work({ tx, services, actor: system, now: await services.clock.now(tx) }),
    )
}

beforeAll(async () => {
    master = await seedMaster(historyUntil(demoStart))
    world = await copyDemonstration(master)
    older = await copyDemonstration(master)
    await world.work()
    const { cases } = await as("ingrid").get("/api/cases")
    caseId = cases.find((item: { title: string }) => item.title === title).id
    await acting(world, async (ctx) => {
        const rows = async (sql: string) => (await ctx.tx.query<{ id: string }>(sql, [caseId])).map(({ id }) => id)
        const artifacts = await rows("select id from artifacts where case_id = $1")
        const tables = ["evidence", "inquiries", "warning_questions", "sightings", "waves"]
        const others = await Promise.all(
            tables.map((table) => rows(`select id from ${table} where case_id = $1 limit 1`)),
        )
        const approvals = await rows("select id from approvals where effects->'detail'->>'case' = $1 limit 2")
        const attributions = await rows(
            "select a.id from attributions a join evidence e on e.id = evidence_id where e.case_id = $1",
        )
        ids = [caseId, ...artifacts.slice(0, 1), ...approvals, ...attributions, ...others.flat()]
        const masters = await Promise.all(artifacts.map((id) => loadMaster(ctx, id, null)))
        const lines = masters.flatMap(({ content }) => rawText(content).split("\n"))
        secrets = [title, ...lines.filter((line) => line.length > 12 && line.includes("{{"))]
        shown = [title, ...lines.filter((line) => line.includes("Quartz Mail Relay") && !line.includes("{{"))]
    })
    published = await readPublished()
    return async () => {
        await world.close()
        await older.close()
        await master.close()
    }
}, 600_000)

async function readPublished(): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ path: string }>(
            `select distinct path from advisory_documents join advisories on advisories.id = advisory_id
             where case_id = $1`,
            [caseId],
        ),
    )
    for (const { path } of rows) {
        const answer = await world.apps.portal.inject({ method: "GET", url: path })
        found[path] = `${answer.statusCode} ${answer.body}`
    }
    return found
}

interface Ciphertext {
    readonly column: string
    readonly bytes: Buffer
}

/**
 * Decrypts every byte string of the database that has the form of a ciphertext with every data key, without the tag, so
 * that no place is needed. Returns which of the case's texts are in them.
 */
async function readWithEveryKey({ services, database }: Demonstration): Promise<string[]> {
    const { keys, ciphertexts } = await database.db.transaction(async (tx) => {
        const wrapped = await tx.query<{ scope: string; wrapped: Buffer }>("select scope, wrapped from data_keys")
        const columns = await tx.query<{ table: string; name: string }>(
            `select table_name as "table", column_name as name from information_schema.columns
             where table_schema = 'public' and data_type = 'bytea'`,
        )
        const list: Ciphertext[] = []
        for (const { table, name } of columns) {
            const isCiphertext = `length(${name}) > 29 and get_byte(${name}, 0) in (1, 2)`
            const sql = `select '${name}' as column, ${name} as bytes from ${table} where ${isCiphertext}`
            list.push(...(await tx.query<Ciphertext>(sql)))
        }
        const unwrap = (key: (typeof wrapped)[number]) =>
            services.keys.unwrap(`data_keys.wrapped:${key.scope}`, key.wrapped)
        return { keys: await Promise.all(wrapped.map(unwrap)), ciphertexts: list }
    })
    const text = keys.flatMap((key) => plainTextsOf(key, ciphertexts)).join("\n")
    return secrets.filter((secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)))
}

const blockBytes = 16
/** A ciphertext of format 2 has the number of its key in front. */
const headOf = (bytes: Buffer): number => (bytes[0] === 2 ? 7 : 1)
const counterOf = ({ bytes }: Ciphertext, block: number) => [
    bytes.subarray(headOf(bytes), headOf(bytes) + 12),
    Buffer.of(0, 0, 0, block),
]

/** Decrypts the ciphertexts whose first block looks like text under this key, and all compressed ones. */
function plainTextsOf(key: Buffer, ciphertexts: readonly Ciphertext[]): string[] {
    const blocks = createCipheriv("aes-256-ecb", key, null).update(
        Buffer.concat(ciphertexts.flatMap((item) => counterOf(item, 2))),
    )
    return ciphertexts.flatMap((item, n) => {
        const encrypted = item.bytes.subarray(headOf(item.bytes) + 12, -16)
        const isCompressed = item.column === "slots_ciphertext"
        const first = encrypted.subarray(0, blockBytes).map((byte, i) => byte ^ (blocks[n * blockBytes + i] ?? 0))
        const letters = first.filter((byte) => byte === 10 || (byte >= 32 && byte < 127))
        if (!isCompressed && letters.length < first.length * 0.75) return []
        const plain = createDecipheriv("aes-256-ctr", key, Buffer.concat(counterOf(item, 2))).update(encrypted)
        return isCompressed ? inflate(plain) : plain.toString("utf8")
    })
}

function inflate(bytes: Buffer): string {
    try {
        return inflateRawSync(bytes, { maxOutputLength: 10_000_000 }).toString("utf8")
    } catch {
        return ""
    }
}

const addressOfCopy = async () => `/api/artifacts/${(await listAliases(as("halcyon"))).at(1)}/copy`

/** Asks every GET route for everything about the case, and returns what is wrong with the answers. */
async function readEverything(people: readonly string[]): Promise<string[]> {
    const wrong: string[] = []
    for (const name of people) {
        const person = as(name)
        const side = person.partner === null ? "console" : "portal"
        const own = person.partner === null ? ids : [...ids, "warnings", "sightings", ...(await listAliases(person))]
        for (const route of allRoutes) {
            if (route.method !== "GET" || route.side !== side || route.path.includes("/events")) continue
            for (const url of addressesOf(route, own)) {
                const { statusCode, body } = await person.raw("GET", url)
                if (statusCode >= 500) wrong.push(`${name} ${url}: ${statusCode} ${body}`)
                // The public advisory stays, and evidence has a deletion of its own.
                if (route.permission === "public" || route.path.startsWith("/api/evidence")) continue
                const text = [...secrets, ...shown].find((item) => body.includes(item))
                if (text !== undefined) wrong.push(`${name} ${url}: content ${text}`)
            }
        }
    }
    return wrong
}

function addressesOf({ path, query }: (typeof allRoutes)[number], own: readonly string[]): string[] {
    const paths = path.includes("{") ? own.map((id) => path.replace(/\{\w+\}/, id).replaceAll(/\{\w+\}/g, "1")) : [path]
    const fields = Object.keys((query as { properties?: object } | undefined)?.properties ?? {})
    const about = fields.find((field) => ["case", "evidence", "artifact", "warning"].includes(field))
    if (about === undefined) return paths
    return paths.flatMap((address) => [address, ...own.map((id) => `${address}?${about}=${id}`)])
}

/** The aliases of the case's warning and artifacts, from before the deletion. */
async function listAliases({ id, partner }: Person): Promise<string[]> {
    const actor = { kind: "partner", partner: partner ?? "", person: id, roles: ["lead"] } as const
    const warnings = await acting(older, (ctx) => listWarnings({ ...ctx, actor }, actor.partner))
    const warning = warnings.find((item) => item.title === title)
    return warning === undefined ? [] : [warning.id, ...warning.artifacts.map((artifact) => artifact.id)]
}

test("before the deletion, ciphertexts and channels have the texts", async () => {
    expect(await readWithEveryKey(world)).toEqual(secrets)
    const found = await readEverything(["halcyon"])
    for (const path of ["/api/warnings", "/taxii2/api/collections/warnings/objects/", "/misp"])
        expect(found.some((line) => line.includes(path) && line.includes(": content"))).toBe(true)
    expect((await as("halcyon").raw("GET", await addressOfCopy())).statusCode).toBe(200)
})

test("a case that is not over refuses, and so does one under legal hold", async () => {
    const { cases } = await as("ingrid").get("/api/cases")
    const running = cases.find((item: { phase: string }) => item.phase === "running").id
    const path = `/api/cases/${caseId}`
    expect(await as("meera").refusal("POST", `/api/cases/${running}/delete-content`, { reason })).toBe(
        "409 case.not_ended",
    )
    const { hold } = await as("kofi").post(`${path}/hold`, { reason: "A court asks for it." })
    expect(await as("kofi").refusal("POST", `${path}/hold`, { reason })).toBe("409 case.already_on_hold")
    expect(await as("ingrid").get(`${path}/content`)).toMatchObject({
        deletion: null,
        hold: { id: hold, reason: "A court asks for it.", setBy: as("kofi").id },
        obstacles: ["on_hold"],
    })
    expect(await as("meera").refusal("POST", `${path}/delete-content`, { reason })).toBe("409 case.on_hold")
    const [evidence] = (await as("aoife").get("/api/evidence")).evidence.filter(
        (item: { case: string }) => item.case === caseId,
    )
    expect(await as("aoife").refusal("POST", `/api/evidence/${evidence.id}/delete`, { reason })).toBe(
        "409 case.on_hold",
    )
    const lift = await as("meera").post(`${path}/hold/lift`, { reason: "The court has decided." })
    expect(lift.done).toBe(false)
    expect(await as("meera").refusal("POST", `${path}/hold/lift`, { approval: lift.approval })).toBe(
        "409 approval.not_signed",
    )
    await signApprovalAs(as("kofi"), lift.approval)
    expect(await as("meera").post(`${path}/hold/lift`, { approval: lift.approval })).toMatchObject({ done: true })
    expect((await as("ingrid").get(`${path}/content`)).hold).toBeNull()
})

test("two people delete the content, and an open inquiry stops only the second step", async () => {
    const path = `/api/cases/${caseId}/delete-content`
    expect(await as("meera").refusal("POST", path, { reason: " " })).toBe("400 case.bad_reason")
    expect(await as("ingrid").refusal("POST", path, { reason, approval: "x" })).toMatch(/^400/)
    const refused = await as("ingrid").post(path, { reason })
    expect(refused.done).toBe(false)
    expect(await as("ingrid").refusal("POST", path, { approval: refused.approval })).toBe("409 approval.not_signed")
    await signApprovalAs(as("kofi"), refused.approval)
    const { inquiries } = await as("aoife").get("/api/inquiries")
    const [inquiry] = inquiries.filter((item: { case: string }) => item.case === caseId)
    const attempt = () => as("ingrid").refusal("POST", path, { approval: refused.approval })
    expect(await attempt()).toBe("409 case.still_needed")
    await as("aoife").post(`/api/inquiries/${inquiry.id}/close`, { outcome: "undecided", reason: "It ends here." })
    expect(await attempt()).toBe("409 approval.already_voided")
    const { approval } = await as("ingrid").post(path, { reason })
    await signApprovalAs(as("kofi"), approval)
    expect(await as("ingrid").post(path, { approval })).toEqual({ done: true, approval })
})

test("no key decrypts a text of the case, and no process makes a new key", async () => {
    expect(await readWithEveryKey(world)).toEqual([])
    await acting(world, async (ctx) => {
        const encrypted = encryptForCase(ctx, caseId, "cases.details", "{}")
        expect(await awaitRefusalCode(encrypted)).toBe("case.content_deleted")
        expect(await ctx.tx.query("select from data_keys where scope = $1", [`case:${caseId}`])).toEqual([])
    })
})

test("reasons of other approvals about the case are gone, and facts cannot be amended", async () => {
    const rows = await world.database.db.transaction((tx) =>
        tx.query<{ action: string }>(
            "select action from approvals where effects->'detail'->>'case' = $1 and text_ciphertext is not null",
            [caseId],
        ),
    )
    expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(["case.delete_content"]))
    const amending = acting(world, (ctx) => amendCase(ctx, caseId, { permission: { deployment: "allowed", text: "" } }))
    expect(await awaitRefusalCode(amending)).toBe("case.content_deleted")
})

test("what was published stays as it is", async () => {
    expect(Object.keys(published).length).toBeGreaterThan(1)
    expect(await readPublished()).toEqual(published)
})

test("staff see the deletion with its date and its two people", async () => {
    const subject = await as("ingrid").get(`/api/cases/${caseId}`)
    expect(subject).toMatchObject({ title: "", vulnerabilities: [], finder: "", permission: null, phase: "ended" })
    const { deletion } = await as("ingrid").get(`/api/cases/${caseId}/content`)
    expect(deletion).toEqual({ at: subject.contentDeletedAt, people: [as("ingrid").id, as("kofi").id] })
})

test("every route and channel answers without content", async () => {
    expect(await readEverything([...staff, "halcyon", "halcyon.lead"])).toEqual([])
    expect(await as("halcyon").refusal("GET", await addressOfCopy())).toBe("404 request.not_found")
}, 300_000)

test("the worker fails at nothing, also days later", async () => {
    await world.work()
    await world.moveTo(demoStart + 3 * dayMs)
    await world.work()
    expect(world.faults).toEqual([])
    expect(await listPendingEvents(world)).toEqual([])
})

test("a leak that is found later starts no fault, and is attributed to no copy", async () => {
    const text = secrets
        .slice(1)
        .join("\n")
        .replaceAll(/\{\{([^|}]*)\|[^}]*\}\}/g, "$1")
    const aoife = as("aoife")
    const { evidence } = await aoife.post("/api/evidence", {
        ...{ kind: "leak", name: "paste.txt", source: "a site", case: caseId, content: text },
        ...{ observedAt: "2025-06-01T08:00:00Z", clock: "unknown" },
    })
    await world.work()
    const { attributions } = await aoife.get(`/api/attributions?evidence=${evidence}`)
    expect(attributions.map((item: { best: unknown }) => item.best)).toEqual([null])
    expect(world.faults).toEqual([])
})

test("a restored database deletes the content again", async () => {
    const entries = await acting(world, (ctx) =>
        ctx.tx.query<{ id: string; from: number }>(
            "select subject as id, from_at as \"from\" from access_changes where kind = 'data_key' order by seq",
        ),
    )
    expect(entries.map(({ id }) => id)).toEqual([`case:${caseId}`, `poc:${caseId}`])
    const ends = entries.map((entry) => ({ ...entry, kind: "data_key", status: null, expires: null }) as const)
    const mark = { ...emptyHighWater("restored", true), ends }
    const applied = await acting(older, (ctx) => reapplyEnds(ctx, mark))
    expect(applied).toEqual([{ kind: "data_key", id: `case:${caseId}`, status: null, outcome: "applied" }])
    expect(await acting(older, (ctx) => reapplyEnds(ctx, mark))).toEqual([])
    expect(await readWithEveryKey(older)).toEqual([])
    const file = await acting(older, (ctx) => loadCaseFile(ctx, caseId))
    expect(file).toMatchObject({ title: "", contentDeletedAt: entries[0]?.from })
})

test("the audit log says what happened, without content", async () => {
    const events = (await listEvents(world.database)).filter(({ kind }) => /^case\.(content|hold)/.test(kind))
    expect(events.map(({ kind }) => kind)).toEqual(["case.hold_placed", "case.hold_lifted", "case.content_deleted"])
    for (const { body } of events) expect(Object.keys(body)).not.toContain("reason")
})
