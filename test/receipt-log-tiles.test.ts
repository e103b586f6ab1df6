/** Outsiders follow the receipt log by tiles: what they get proves the signed root, and nothing else is served. */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { formatCheckpoint, parseCheckpoint, parseNote } from "@tocsin/audit-log/checkpoint"
import { nodeVerifiers } from "@tocsin/audit-log/commands/node-keys"
import { leafHash, rootOf } from "@tocsin/audit-log/merkle"
import { signatureLine, verifiedSignatures } from "@tocsin/audit-log/note-keys"
import type { TileReaders } from "../server/src/kernel/services.ts"
import { openLog } from "../server/src/platform/log/log.ts"
import { makeServer } from "../server/src/server.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { makeBatch } from "../server/src/trust/receipts/actions/batch-receipts.ts"
import { findSignedTree, hasBothTrees } from "../server/src/trust/receipts/actions/find-signed-tree.ts"
import { firstKey } from "../server/src/trust/signing-keys/actions/load-log-keys.ts"
import { system } from "./support/actors.ts"
import { type Program, createProgram, newPartner } from "./support/program.ts"

let setup: Program
let server: FastifyInstance
let readers: TileReaders = "public"
let isQuarantined = false
let token: string

beforeAll(async () => {
    setup = await createProgram()
    for (let i = 0; i < 300; i++) await setup.acting(system, makeBatch)
    const partner = await newPartner(setup, "validate")
    token = await setup.acting(system, (ctx) => issueCredential(ctx, partner.lead.person, "token"))
    const services = {
        ...setup.services,
        log: openLog("silent"),
        get tileReaders() {
            return readers
        },
        highWater: { ...setup.services.highWater, isQuarantined: () => isQuarantined },
    }
    server = await makeServer({ services, side: "portal", web: null, secureCookies: false, requestsPerMinuteMax: 9999 })
}, 60_000)
afterAll(async () => {
    await server.close()
    await setup.database.close()
})
beforeEach(() => {
    readers = "public"
    isQuarantined = false
})

const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: "GET", url, headers })
const status = async (url: string, headers: Record<string, string> = {}) => (await get(url, headers)).statusCode
const signedIn = () => ({ authorization: `Bearer ${token}` })

test("hashes and entries prove the root that both keys signed", async () => {
    const answer = await get("/receipt-log/checkpoint")
    expect(answer.headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "public, max-age=5",
    })
    const { size, root } = parseCheckpoint(parseNote(answer.body).text)
    const keys = firstKey(setup.services.keys, "receipt_log").noteKeys
    expect(verifiedSignatures(answer.body, keys, nodeVerifiers).map(({ key }) => key.kind)).toEqual([
        "ed25519",
        "ml_dsa_44",
    ])
    expect(size).toBeGreaterThanOrEqual(300)

    const full = await get("/receipt-log/tile/0/000")
    expect(full.headers["cache-control"]).toBe("public, max-age=31536000, immutable")
    expect(full.headers["content-type"]).toBe("application/octet-stream")
    const partial = await get(`/receipt-log/tile/0/001.p/${size - 256}`)
    const bytes = Buffer.concat([full.rawPayload, partial.rawPayload])
    const hashes = Array.from({ length: size }, (_, i) => new Uint8Array(bytes.subarray(32 * i, 32 * i + 32)))
    expect(Buffer.from(rootOf(hashes))).toEqual(Buffer.from(root))
    const above = await get("/receipt-log/tile/1/000.p/1")
    expect(above.rawPayload).toEqual(Buffer.from(rootOf(hashes.slice(0, 256))))

    const { rawPayload } = await get("/receipt-log/tile/entries/000")
    const entries: Buffer[] = []
    for (let at = 0; at < rawPayload.length; at += 2 + rawPayload.readUInt16BE(at)) {
        entries.push(rawPayload.subarray(at + 2, at + 2 + rawPayload.readUInt16BE(at)))
    }
    expect(entries.map((entry) => Buffer.from(leafHash(entry)))).toEqual(
        hashes.slice(0, 256).map((h) => Buffer.from(h)),
    )
    expect(Object.keys(JSON.parse(entries[7]?.toString() ?? "") as object)).toEqual(["anchor", "at", "root"])
})

test("the key process signs what the log has, and nothing else", async () => {
    const { text } = parseNote((await get("/receipt-log/checkpoint")).body)
    const { origin, size, root } = parseCheckpoint(text)
    const other = Uint8Array.from(root, (byte, n) => (n === 0 ? byte ^ 1 : byte))
    const texts = [
        text,
        formatCheckpoint({ origin, size, root: other }),
        formatCheckpoint({ origin, size: size + 1000, root }),
    ]
    for (const key of firstKey(setup.services.keys, "receipt_log").noteKeys) {
        const messages: Uint8Array[] = []
        for (const each of texts) signatureLine(each, key, 0, (message) => (messages.push(message), new Uint8Array()))
        const isOf = (message: Uint8Array) =>
            setup.acting(system, async (ctx) => (await findSignedTree(ctx, key.kind, Buffer.from(message))) !== null)
        expect(await Promise.all(messages.map(isOf))).toEqual([true, false, false])
        expect(await isOf(Buffer.from("something else"))).toBe(false)
    }
})

test("trees of two sizes are of one log only if the nodes prove it", async () => {
    const rows = await setup.acting(system, ({ tx }) =>
        tx.query<{ size: number; root: string }>(
            "select index + 1 as size, encode(log_root, 'hex') as root from batches where index in (99, 199)",
        ),
    )
    const [earlier, later] = rows as [(typeof rows)[number], (typeof rows)[number]]
    const compare = (one: typeof earlier, other: typeof earlier) =>
        setup.acting(system, (ctx) => hasBothTrees(ctx, one, other))
    const forged = { ...earlier, root: later.root }
    expect(await compare(earlier, later)).toBe(true)
    expect(await compare(later, earlier)).toBe(true)
    expect(await compare(earlier, earlier)).toBe(true)
    expect(await compare(forged, later)).toBe(false)
    expect(await compare(later, forged)).toBe(false)
    expect(await compare(earlier, forged)).toBe(false)
})

test("HEAD answers without a body, and an unchanged tile is not sent again", async () => {
    const { headers } = await get("/receipt-log/tile/0/000")
    const head = await server.inject({ method: "HEAD", url: "/receipt-log/tile/0/000" })
    expect([head.statusCode, head.body]).toEqual([200, ""])
    expect(await status("/receipt-log/tile/0/000", { "if-none-match": String(headers.etag) })).toBe(304)
})

test("only tiles of the visible log exist", async () => {
    const later = { ...setup.services, realNow: () => setup.services.realNow() + 3_600_000 }
    await setup.acting(system, (ctx) => makeBatch({ ...ctx, services: later }))
    const size = parseCheckpoint(parseNote((await get("/receipt-log/checkpoint")).body).text).size
    const count = await setup.acting(system, ({ tx }) =>
        tx.query<{ count: number }>("select count(*)::int from batches"),
    )
    expect(count).toEqual([{ count: size + 1 }])
    const missing = ["0/001", `0/001.p/${size - 255}`, "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "entries/001"]
    const malformed = ["0/0", "0/x000/000", "0/001.p/0", "0/%2e%2e/000", "7/000"]
    for (const path of [...missing, `entries/001.p/${size - 255}`, ...malformed])
        expect([path, await status(`/receipt-log/tile/${path}`)]).toEqual([path, 404])
    expect(await status("/receipt-log/tile/0/UPPER")).toBe(400)
})

test("the setting decides who reads", async () => {
    const [open, closed] = ["/receipt-log/tile/0/000", "/api/receipt-log/tiles/tile/0/000"]
    expect([await status(open), await status(closed, signedIn()), await status(closed)]).toEqual([200, 200, 401])
    readers = "partners"
    expect([await status(open), await status(closed, signedIn()), await status(closed)]).toEqual([404, 200, 401])
    for (const url of ["/api/receipt-log/tiles/checkpoint", closed]) {
        const { headers } = await get(url, signedIn())
        expect(headers["cache-control"]).toBe("no-store")
        expect(headers["cross-origin-resource-policy"]).not.toBe("cross-origin")
    }
    readers = "off"
    expect([await status(open), await status(closed, signedIn()), await status(closed)]).toEqual([404, 404, 401])
    expect(await status("/receipt-log/checkpoint")).toBe(404)
})

test("in quarantine a restored log is not shown", async () => {
    isQuarantined = true
    expect([await status("/receipt-log/checkpoint"), await status("/receipt-log/tile/0/000")]).toEqual([503, 503])
})
