/**
 * What a partner can measure about others from all log data that it sees, at chosen moments. One program has idle other
 * partners, the other has busy ones. Both must look the same.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, expect, test } from "vitest"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { makeServer } from "../../server/src/server.ts"
import { acknowledge, fetchCopy } from "../../server/src/share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../server/src/share/delivery/actions/resolve-alias.ts"
import { sequenceEvents } from "../../server/src/trust/audit-log/actions/sequence-leaves.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import { makeBatch } from "../../server/src/trust/receipts/actions/batch-receipts.ts"
import { listEvents, system } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../support/program.ts"

const minute = 60_000

interface Parts {
    readonly its: Program
    readonly app: FastifyInstance
    /** The measuring partner's token. */
    readonly token: string
    readonly mine: TestPartner
    readonly others: readonly TestPartner[]
    /** Whether the others are active. */
    readonly busy: boolean
    readonly caseId: string
    readonly artifact: string
}

class World {
    readonly parts: Parts
    readonly seen: unknown[] = []
    /** The partner's receipts in order, and one of another partner. */
    readonly receipts: string[] = []
    foreign = newId()

    private constructor(parts: Parts) {
        this.parts = parts
    }

    static async of(busy: boolean): Promise<World> {
        const world = await createProgram()
        const caseId = await newCase(world, "toolshell")
        const artifact = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
        world.clock.now = Date.parse("2025-06-24T17:00:00Z")
        await releaseWaveNow(world, caseId, "validate", [artifact])
        const partner = await newPartner(world, "validate")
        const others = [await newPartner(world, "validate"), await newPartner(world, "validate")]
        world.clock.now = Date.parse("2025-06-24T18:00:00Z")
        const token = await world.acting(system, (ctx) => issueCredential(ctx, partner.analyst.person, "token"))
        const services = { ...world.services, log: silentLog, receiptsIntervalMs: minute }
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
        const app = await makeServer({ services, side: "portal", ...settings })
        return new World({ its: { ...world, services }, mine: partner, app, token, others, busy, caseId, artifact })
    }

    /** Runs the others' activity, if any. */
    async othersDo(fetches: number): Promise<void> {
        if (!this.parts.busy) return
        for (const partner of this.parts.others) {
            for (let n = 0; n < fetches; n++) {
                const name = aliasFor(this.parts.its.services.keys, partner.id, "artifact", this.parts.artifact)
                const { headers } = await this.parts.its.acting(partner.analyst, (ctx) => fetchCopy(ctx, name))
                this.foreign = headers["tocsin-receipt"] ?? ""
            }
            const warning = aliasFor(this.parts.its.services.keys, partner.id, "warning", this.parts.caseId)
            await this.parts.its.acting(partner.lead, (ctx) => acknowledge(ctx, warning))
        }
        await sequenceEvents(this.parts.its.services)
    }

    /** Lets a minute pass and shows the due batch. */
    async nextBatch(): Promise<void> {
        const { clock, services, acting } = this.parts.its
        clock.now += minute
        await acting(system, (ctx) => makeBatch({ ...ctx, services }))
        clock.now += 2000
    }

    async fetch(): Promise<void> {
        const name = aliasFor(this.parts.its.services.keys, this.parts.mine.id, "artifact", this.parts.artifact)
        const answer = await this.get(`/api/artifacts/${name}/copy`, "copy")
        this.receipts.push(String(answer.headers["tocsin-receipt"]))
    }

    /** Reads everything. */
    async look(): Promise<void> {
        const { body } = await this.get("/api/receipt-log/checkpoint", "checkpoint")
        const { size = 0 } = JSON.parse(body) as { size?: number }
        for (const from of [0, 1, size - 1, size, size + 1]) {
            await this.get(`/api/receipt-log/consistency?from=${Math.max(from, 0)}`, `consistency ${from - size}`)
        }
        for (const [n, id] of this.receipts.entries()) await this.get(`/api/receipts/${id}`, `receipt ${n}`)
        await this.get(`/api/receipts/${this.foreign}`, "another's receipt")
        await this.get("/api/audit-log", "the record")
        await this.get("/api/receipt-log/export", "its export")
    }

    async get(url: string, name: string) {
        const headers = { authorization: `Bearer ${this.parts.token}` }
        const answer = await this.parts.app.inject({ method: "GET", url, headers })
        this.seen.push({ name, status: answer.statusCode, ...measured(answer.headers, answer.body, name) })
        return answer
    }

    async close(): Promise<void> {
        await this.parts.app.close()
        await this.parts.its.database.close()
    }
}

/** Keeps all non-random data: the form and length of everything, without salts and hashes. */
function measured(headers: Readonly<Record<string, unknown>>, body: string, name: string) {
    const { date: _, "x-request-id": __, "content-length": length, ...others } = headers
    const place = /\\"place\\":(\d+)/.exec(body)?.[1] ?? ""
    return {
        headers: formOf(JSON.stringify(others)),
        // An index is drawn evenly from 1,024, so its number of digits is random.
        length: Number(length) - place.length,
        body: name === "copy" ? null : formOf(body.replace(`\\"place\\":${place}`, '\\"place\\":P')),
    }
}

const formOf = (text: string): string =>
    text
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
        .replaceAll(/[0-9a-f]{64}/g, "<hash>")
        .replaceAll(/[0-9a-f]{32}/g, "<salt>")
        .replaceAll(/(?<=\\n)[A-Za-z0-9+/]{43}=/g, "<root>")
        .replaceAll(/(?<= )[A-Za-z0-9+/]{91,}=/g, "<signature>")

let [quiet, busy]: (World | null)[] = [null, null]
beforeAll(async () => {
    quiet = await World.of(false)
    busy = await World.of(true)
}, 120_000)
afterAll(async () => {
    await quiet?.close()
    await busy?.close()
})

/** The measuring partner's actions, at the same moments in each world. */
async function measure(world: World): Promise<void> {
    await world.look()
    await world.othersDo(3)
    await world.nextBatch()
    await world.look()
    await world.fetch()
    await world.othersDo(20)
    await world.look()
    await world.nextBatch()
    await world.look()
    // More than a batch of the partner can hold: the time of each must depend on its own actions only.
    for (let n = 0; n < 18; n++) await world.fetch()
    await world.othersDo(1)
    await world.nextBatch()
    await world.look()
    for (let n = 0; n < 3; n++) {
        await world.othersDo(n)
        await world.nextBatch()
    }
    await world.look()
}

test("a partner sees the same whether others are busy or idle", async () => {
    if (!quiet || !busy) throw new Error("there are no worlds")
    await measure(quiet)
    await measure(busy)
    const happened = async (world: World) => (await listEvents(world.parts.its.database)).length
    expect(await happened(busy)).toBeGreaterThan((await happened(quiet)) + 50)
    expect(busy.seen).toHaveLength(quiet.seen.length)
    for (const [i, item] of busy.seen.entries()) expect(item).toEqual(quiet.seen[i])
    const statuses = (quiet.seen as { status: number }[]).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 400, 404, 409]))
}, 120_000)

test("no answer contains an internal id except the partner's own", async () => {
    if (!busy) throw new Error("there is no world")
    const answers = []
    for (const id of busy.receipts) answers.push((await busy.get(`/api/receipts/${id}`, "again")).body)
    const text = answers.join()
    expect(text).toContain(busy.parts.mine.id)
    const inner = await busy.parts.its.database.db.transaction((tx) =>
        tx.query<{ id: string }>(
            `select id::text from cases union select id::text from artifacts union select id::text from waves
             union select id::text from partners where id <> '${busy?.parts.mine.id}'`,
        ),
    )
    expect(inner.length).toBeGreaterThan(4)
    for (const { id } of inner) expect(text).not.toContain(id)
})
