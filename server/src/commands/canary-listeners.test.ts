import dgram from "node:dgram"
import { once } from "node:events"
import fs from "node:fs"
import net from "node:net"
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { newId } from "../../../test/support/database.ts"
import { type Program, newCase, createProgram } from "../../../test/support/program.ts"
import { digestOf, nameOfCanary } from "@tocsin/marks/canary"
import { openDb } from "../platform/postgres/db.ts"
import { superuser } from "../platform/postgres/postgres-home.ts"
import { addArtifact } from "../share/artifacts/actions/add-artifact.ts"
import { loadMaster } from "../share/artifacts/actions/load-artifacts.ts"
import { spoolTouches, processTouches } from "../share/canaries/actions/record-touches.ts"
import { listCanaries } from "../share/canaries/actions/list-canaries.ts"
import { makeCopyFor, prepareMarks } from "../share/marking/actions/mark-copy.ts"
import type { BufferEntry } from "../share/canaries/listener-buffer.ts"
import { type CanaryListeners, openCanaryListeners } from "./canary-listeners.ts"
import { listEvents } from "../../../test/support/actors.ts"
import { addTouchedCanary } from "../trace/evidence/actions/add-touched-canary.ts"
import { listEvidence } from "../trace/evidence/actions/load-evidence.ts"

const zone = "canary.example"
let world: Program
let caseId: string
let partner: string
let host: string
let decoy: string
let heard: CanaryListeners

beforeAll(async () => {
    world = await createProgram({ canaryZone: zone })
    caseId = await newCase(world, "toolshell")
    partner = newId()
    const details = { case: caseId, class: "technical", tlp: "RED", pap: "RED", name: "a.md" } as const
    const artifact = await world.acting(world.author, (ctx) =>
        addArtifact(ctx, { ...details, content: "It asks {{canary:host}} for more.\n" }),
    )
    const marks = await world.acting(world.author, async (ctx) => {
        const master = await loadMaster(ctx, artifact, null)
        await makeCopyFor(ctx, master, partner)
        return await prepareMarks(ctx, master)
    })
    host = marks?.canariesFor(partner)[0]?.core ?? ""
    decoy = marks?.canariesFor("decoy 7")[0]?.core ?? ""
}, 120_000)
afterAll(() => world.database.close())

const lines: unknown[] = []
const write = (...line: unknown[]) => void lines.push(line)
const log = { debug: write, info: write, warn: write, error: write }
beforeEach(async () => {
    lines.length = 0
    await world.database.db.transaction(async (tx) => {
        await tx.query("truncate canary_spool, canary_unknown_names")
        await tx.query("delete from canary_touches")
    })
    heard = await openCanaryListeners({
        zone,
        addresses: ["192.0.2.7"],
        host: "127.0.0.1",
        ports: { dns: 0, http: 0 },
        realNow: Date.now,
        log,
        save: (entries) => spoolTouches({ db: world.database.db }, entries),
    })
})
afterEach(() => heard.stop())

function packetFor(name: string): Buffer {
    const labels = name.split(".").map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
    return Buffer.concat([Buffer.of(7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), ...labels, Buffer.of(0, 0, 1, 0, 1)])
}

/** Sends packets by UDP and returns one answer to the last. */
async function send(...packets: readonly Uint8Array[]): Promise<Buffer> {
    const socket = dgram.createSocket("udp4")
    try {
        for (const packet of packets.slice(0, -1)) {
            await new Promise((resolve) => socket.send(packet, heard.ports.dns, "127.0.0.1", resolve))
        }
        const last = packets.at(-1) ?? Buffer.alloc(0)
        const answer = new Promise<Buffer>((resolve) =>
            socket.on("message", (nonSharedBuffer) => {
                if (nonSharedBuffer.length > 2) resolve(nonSharedBuffer)
            }),
        )
        socket.send(last, heard.ports.dns, "127.0.0.1")
        return await answer
    } finally {
        socket.close()
    }
}

/** Returns everything that one TCP connection receives until it ends. */
async function say(port: number, bytes: Uint8Array | string, localAddress = "127.0.0.1"): Promise<Buffer> {
    const socket = net.connect({ port, host: "127.0.0.1", localAddress })
    socket.on("error", () => undefined)
    const chunks: Buffer[] = []
    socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)))
    socket.end(bytes)
    await new Promise((resolve) => socket.on("close", resolve))
    return Buffer.concat(chunks)
}

const get = (name: string, more = "") =>
    say(heard.ports.http, `GET /a HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: curl/8.1\r\n${more}\r\n`)
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

async function takenIn() {
    await heard.flush()
    const system = { kind: "system", component: "hear" } as const
    const services = { ...world.services, realNow: Date.now }
    while (await world.acting(system, (ctx) => processTouches({ ...ctx, services })));
    return await world.acting(world.investigator, (ctx) => listCanaries(ctx, caseId))
}
const randomLabel = (n: number) =>
    nameOfCanary({ kind: "host", what: `host:x${n}` }, new Uint8Array(32).fill(9), new Uint8Array(12), zone).core
const countIn = async (table: "canary_spool" | "canary_touches" | "canary_unknown_names") =>
    (await world.database.db.transaction((tx) => tx.query(`select from ${table}`))).length

describe("a canary of a copy", () => {
    test("is received by DNS and HTTP, and shown with its likely source and recipient", async () => {
        const answer = await send(packetFor(`${host.toUpperCase()}.canary.example`))
        expect(answer.subarray(-4)).toEqual(Buffer.of(192, 0, 2, 7))
        await get(`${host}.${zone}:80`)
        await say(heard.ports.http, `GET / HTTP/1.1\r\nHost: ${host}.${zone}\r\nUser-Agent: ${browser}\r\n\r\n`)
        const { touches, unknownNames: unknown } = await takenIn()
        expect(touches.map(({ channel, likelySource }) => `${channel} ${likelySource}`).toSorted()).toEqual([
            "dns resolver",
            "http browser",
        ])
        for (const touch of touches)
            expect(touch).toMatchObject({ recipient: partner, decoy: false, source: "127.0.0.1" })
        expect(unknown).toEqual([])
    })

    test("becomes evidence automatically, once per likely source, and proposes no end of the embargo", async () => {
        const before = (await listEvents(world.database)).length
        for (let n = 0; n < 5; n++) await send(packetFor(`${host}.canary.example`))
        await takenIn()
        await send(packetFor(`${host}.canary.example`))
        const { touches } = await takenIn()
        expect(touches).toMatchObject([{ times: 6 }])
        const events = (await listEvents(world.database)).slice(before).filter(({ kind }) => kind === "canary.touched")
        expect(events).toHaveLength(1)
        const step = { kind: "system", component: "add-touched-canary" } as const
        await world.acting(step, (ctx) => addTouchedCanary(ctx, String(events[0]?.body["touch"])))
        const [filed] = await world.acting(world.investigator, listEvidence)
        expect(filed).toMatchObject({ kind: "canary_touched", case: caseId, addedBy: null, name: "canary touched" })
        expect(filed?.note).toContain(
            "Of 20 names of decoys, 0 were touched in this way: strangers touch up to 14 % of names.",
        )
        expect(JSON.stringify(filed)).not.toContain(partner)
        expect(JSON.stringify(events)).not.toContain(partner)
    })

    test("of a decoy counts towards the rate of decoys, and is shown without recipient", async () => {
        await get(`${decoy}.${zone}`)
        const { touches, background } = await takenIn()
        expect(touches).toMatchObject([{ decoy: true, likelySource: "tool" }])
        expect(background.find(({ likelySource }) => likelySource === "tool")).toMatchObject({ decoys: 20, touched: 1 })
        expect(background.find(({ likelySource }) => likelySource === "browser")).toMatchObject({
            decoys: 20,
            touched: 0,
        })
    })

    test("K-13: is in no clear row while it waits", async () => {
        await get(`${host}.${zone}`)
        await heard.flush()
        const rows = await world.database.db.transaction((tx) =>
            tx.query("select row_to_json(s)::text from canary_spool s"),
        )
        expect(JSON.stringify(rows)).not.toContain(host)
    })
})

describe("unknown names", () => {
    test("are counted, and identify no recipient: a random guess, a word, another zone", async () => {
        await send(packetFor(`${randomLabel(1)}.canary.example`))
        await send(packetFor("www.canary.example"))
        const refused = await send(packetFor(`${host}.elsewhere.example`))
        expect((refused[3] ?? 0) & 15).toBe(5)
        await get("somebody.example")
        const { touches, unknownNames: unknown } = await takenIn()
        expect(touches).toEqual([])
        expect(unknown.map(({ channel, formed, times }) => `${channel} ${formed} ${times}`).toSorted()).toEqual([
            "dns false 2",
            "dns true 1",
            "http false 1",
        ])
    })

    test("get the same answer, byte by byte, as an issued canary", async () => {
        const [known, guessed] = [host, randomLabel(2)]
        const dns = await Promise.all([known, guessed].map((name) => send(packetFor(`${name}.canary.example`))))
        const blank = dns.map((item) => Buffer.concat([item.subarray(0, 13), item.subarray(33)]))
        expect(blank[0]).toEqual(blank[1])
        const http = await Promise.all([`${known}.${zone}`, `${guessed}.${zone}`, "x.example"].map((name) => get(name)))
        expect(new Set(http.map((item) => item.toString())).size).toBe(1)
        expect(http[0]?.toString()).not.toContain(known)
    })

    test.each([
        ["expects something", `Host: a.${zone}\r\nExpect: foo\r\n`],
        ["waits to be told to go on", `Host: a.${zone}\r\nExpect: 100-continue\r\n`],
        ["tells no host", ""],
    ])("and a client that %s get the same answer, and are counted", async (_, fields) => {
        const answer = await say(heard.ports.http, `GET /a HTTP/1.1\r\n${fields}\r\n`)
        expect(answer).toEqual(await get("x.example"))
        expect((await takenIn()).unknownNames).toMatchObject([{ channel: "http", formed: false, times: 2 }])
    })
})

describe("under junk", () => {
    test("keeps one row for ten thousand random names, and receives a real canary by TCP after them", async () => {
        for (let from = 0; from < 40; from++) {
            const socket = dgram.createSocket("udp4")
            await new Promise<void>((resolve) => socket.bind(0, `127.0.${from}.1`, resolve))
            for (let n = 0; n < 250; n++) {
                const packet = packetFor(`${randomLabel(from * 250 + n)}.canary.example`)
                await new Promise((resolve) => socket.send(packet, heard.ports.dns, "127.0.0.1", resolve))
            }
            socket.close()
        }
        const packet = packetFor(`${host}.canary.example`)
        await say(heard.ports.dns, Buffer.concat([Buffer.of(0, packet.length), packet]), "127.9.0.1")
        await say(heard.ports.http, `GET / HTTP/1.0\r\nHost: ${host}.${zone}\r\n\r\n`, "127.9.0.1")
        const { touches, unknownNames: unknown } = await takenIn()
        expect(touches.map(({ channel, source }) => `${channel} ${source}`).toSorted()).toEqual([
            "dns 127.9.0.1",
            "http 127.9.0.1",
        ])
        expect(unknown).toMatchObject([{ channel: "dns", formed: true }])
        expect(await countIn("canary_spool")).toBe(0)
    })

    test("continues to answer after any packets", async () => {
        const bytes = fc.oneof(
            fc.uint8Array({ maxLength: 700 }),
            fc.uint8Array({ minLength: 1, maxLength: 60 }).map((noise) => {
                const packet = packetFor(`${host}.canary.example`)
                for (const [place, byte] of noise.entries()) if (byte > 200) packet[(place * 7) % packet.length] = byte
                return packet
            }),
        )
        await fc.assert(
            fc.asyncProperty(fc.array(bytes, { maxLength: 20 }), async (packets) => {
                const answer = await send(...packets, packetFor("a.canary.example"))
                expect(answer.length).toBeGreaterThan(2)
            }),
            { numRuns: 10 },
        )
        await say(heard.ports.dns, Buffer.alloc(3000, 255))
        const framed = packetFor(`${host}.canary.example`)
        const answer = await say(heard.ports.dns, Buffer.concat([Buffer.of(0, framed.length), framed]))
        expect(answer.readUInt16BE(0)).toBe(answer.length - 2)
    })

    test.each([
        ["a head that never ends", `GET / HTTP/1.1\r\nX: ${"a".repeat(10_000)}`],
        ["no HTTP", "\u0000\u0001\u0002 nothing\r\n\r\n"],
        ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
        ["a way through", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
        ["another protocol", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"],
        ["a body that is announced", `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n${"b".repeat(5_000)}`],
    ])("%s costs nothing and returns nothing", async (_, text) => {
        const answer = (await say(heard.ports.http, text)).toString()
        expect(answer).not.toMatch(/aaaa|bbbb|websocket|nothing/)
        expect((await get(`${randomLabel(3)}.${zone}`)).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    })

    test.each([
        ["HTTP", "http", 16],
        ["DNS over TCP", "dns", 8],
    ] as const)("limits open connections of one network by %s, and delays no other network", async (_, by, max) => {
        const port = heard.ports[by]
        const silent = Array.from({ length: max }, async (_, n) => {
            const socket = net.connect({ port, host: "127.0.0.1", localAddress: `127.0.0.${1 + (n % 4)}` })
            socket.on("error", () => undefined)
            await once(socket, "connect")
            return socket
        })
        const open = await Promise.all(silent)
        const packet = packetFor("a.canary.example")
        const words = {
            http: `GET / HTTP/1.0\r\nHost: a.${zone}\r\n\r\n`,
            dns: Buffer.concat([Buffer.of(0, packet.length), packet]),
        }
        expect(await say(port, words[by], "127.0.0.9")).toHaveLength(0)
        expect((await say(port, words[by], "127.0.1.1")).length).toBeGreaterThan(0)
        const closed = open.map((socket) => once(socket, "close"))
        for (const socket of open) socket.destroy()
        await Promise.all(closed)
    })

    test("leaves room for others when networks keep silent DNS connections over TCP", async () => {
        const silent = Array.from({ length: 100 }, async (_, n) => {
            const socket = net.connect({ port: heard.ports.dns, host: "127.0.0.1", localAddress: `127.1.${n}.1` })
            socket.on("error", () => undefined)
            await once(socket, "connect")
            return socket
        })
        const open = await Promise.all(silent)
        const packet = packetFor("a.canary.example")
        const answer = await say(heard.ports.dns, Buffer.concat([Buffer.of(0, packet.length), packet]), "127.2.1.1")
        expect(answer.length).toBeGreaterThan(0)
        for (const socket of open) socket.destroy()
    })

    test("K-13: continues while nothing can be written, logs no name, and writes later", async () => {
        let isDown = true
        await heard.stop()
        heard = await openCanaryListeners({
            zone,
            addresses: [],
            host: "127.0.0.1",
            ports: { dns: 0, http: 0 },
            realNow: Date.now,
            log,
            save: async (entries) => {
                if (isDown) throw new Error("down")
                await spoolTouches({ db: world.database.db }, entries)
            },
        })
        await get(`${host}.${zone}`)
        await heard.flush()
        expect(await countIn("canary_spool")).toBe(0)
        expect(lines).toContainEqual(["touches were not written", expect.objectContaining({ count: 1 })])
        expect(JSON.stringify(lines)).not.toContain(host)
        isDown = false
        expect((await takenIn()).touches).toMatchObject([{ likelySource: "tool", recipient: partner }])
    })

    test("keeps entries while too many wait, and writes them later", async () => {
        await world.database.db.transaction((tx) =>
            tx.query(
                `insert into canary_spool (channel, times, request, received_at)
                 select 'dns', 1, '{}', now() from generate_series(1, 50000)`,
            ),
        )
        await get(`${host}.${zone}`)
        await heard.flush()
        expect(await countIn("canary_spool")).toBe(50_000)
        await world.database.db.transaction((tx) => tx.query("truncate canary_spool"))
        expect((await takenIn()).touches).toMatchObject([{ likelySource: "tool", recipient: partner }])
    })
})

test.each([
    ["no words", { request: [1, null] }],
    ["words that are numbers", { request: { source: 7, agent: {}, names: "many" } }],
    ["very often", { times: 1_000_000 }],
])("is not blocked by a hostile listener that writes %s", async (_, more) => {
    const digest = Buffer.from(digestOf(host)).toString("hex")
    for (let n = 0; n < 3; n++) {
        const entry = {
            digest,
            channel: "dns",
            times: 1,
            request: null,
            at: Date.now(),
            ...more,
        } as unknown as BufferEntry
        await spoolTouches({ db: world.database.db }, [entry])
    }
    expect((await takenIn()).touches).toMatchObject([{ likelySource: "resolver", recipient: partner }])
})

test("is not blocked by more entries than can be written, and shows the largest number", async () => {
    const entry = { digest: null, channel: "dns", request: null, at: Date.now() } as const
    await spoolTouches({ db: world.database.db }, [{ ...entry, times: 2_000_000 }])
    expect((await takenIn()).unknownNames).toMatchObject([{ channel: "dns", times: 1_000_000 }])
})

test("counts networks beyond the largest number of rows together, and shows none of them", async () => {
    const digest = Buffer.from(digestOf(host)).toString("hex")
    const entries = Array.from({ length: 203 }, (_, n) => {
        const from = { source: `198.51.${n}.1`, agent: "", method: "", names: 1, paths: 0 }
        return { digest, channel: "dns", times: 1, request: from, at: Date.now() } as const
    })
    await spoolTouches({ db: world.database.db }, entries)
    const { touches } = await takenIn()
    expect(touches).toHaveLength(201)
    expect(touches.filter(({ times }) => times > 1)).toMatchObject([{ source: "", times: 3 }])
})

test("refuses at the write what the listener may not write", async () => {
    const entry = { digest: "ab".repeat(32), channel: "dns", times: 1, request: null, at: Date.now() } as const
    const heardToo = { source: "a".repeat(3000), agent: "", method: "", names: 0, paths: 0 }
    for (const more of [{ at: 0 }, { times: 0 }, { digest: "ab" }, { request: heardToo }]) {
        await expect(spoolTouches({ db: world.database.db }, [{ ...entry, ...more }])).rejects.toThrow(
            "check constraint",
        )
    }
})

/** Runs the guide's commands for the operator, with other names. */
function guided(listener: string, { username, pathname }: URL): string[] {
    const guide = fs.readFileSync("docs/operate/canary-listener.md", "utf8")
    return [...guide.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = ""]) =>
        sql
            .replaceAll("canary_listener", listener)
            .replace("database tocsin", `database "${pathname.slice(1)}"`)
            .replace("to tocsin", `to "${username}"`),
    )
}

test("lets the guide's database user write and count, and nothing else", async () => {
    const name = `listener_${newId().replaceAll("-", "")}`
    const address = new URL(world.database.url)
    const as = (user: string) => openDb(Object.assign(new URL(address), { username: user }).href)
    const admin = as(superuser)
    const run = async (...list: readonly string[]) =>
        await admin.transaction(async (tx) => {
            for (const sql of list) await tx.query(sql)
        })
    await run(...guided(name, address))
    const own = as(name)
    const denied = [
        "select from canary_names",
        "select from events",
        "delete from canary_spool",

        "select request as heard from canary_spool",
        "insert into canary_spool (seq) overriding system value values (1)",

        "create temporary table mine (n integer)",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_lock(1, 2)",
        "select * from pg_stat_user_tables",
        "select * from pg_locks",
        "select pg_total_relation_size('events')",
    ]
    try {
        await spoolTouches({ db: own }, [
            { digest: "ab".repeat(32), channel: "dns", times: 1, request: null, at: Date.now() },
        ])
        expect(await countIn("canary_spool")).toBe(1)
        for (const sql of denied) {
            await expect(
                own.transaction((tx) => tx.query(sql)),
                sql,
            ).rejects.toThrow("permission denied")
        }
        await world.database.db.transaction((tx) => tx.query("select pg_advisory_xact_lock(1)"))
    } finally {
        await own.close()
        await run(`drop owned by ${name}`, `drop role ${name}`)
        await admin.close()
    }
})
