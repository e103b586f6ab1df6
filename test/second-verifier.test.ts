/**
 * The verifier in Python, which was written from the pages of the formats alone, and ours come to the same result: on
 * what the demonstration exports, and on thousands of changed exports, receipts, checkpoints and tiles.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import fs from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { canonical, type Json } from "@tocsin/base/canonical"
import { parseInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { batchLeaves, batchPath, batchRoot } from "@tocsin/audit-log/batch"
import {
    formatCheckpoint,
    formatVerifierKey,
    openNote,
    parseCheckpoint,
    parseVerifierKey,
    signNote,
    type VerifierKey,
} from "@tocsin/audit-log/checkpoint"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import { ed25519, verifyFiles } from "@tocsin/audit-log/commands/verify"
import { type Entry, checkpointLine, entryLine, leafOf, pathRanges, verifyBytes } from "@tocsin/audit-log/export"
import { type Hash, leafHash, proveInclusion, rootOf } from "@tocsin/audit-log/merkle"
import { batchLeaf, receiptText } from "@tocsin/audit-log/receipt"
import { commit } from "@tocsin/audit-log/signed-note"
import { makeServer } from "../server/src/server.ts"
import signatures from "./vectors/ed25519.json" with { type: "json" }
import { runs } from "./support/properties.ts"
import { type Demonstration, copyDemonstration, seedMaster } from "./support/demonstration.ts"
import { hasPython as isThere, type Python, startPython } from "./vectors/python.ts"
import { signedInAs } from "./support/signed-in.ts"

const program = path.join(import.meta.dirname, "../packages/audit-log/python/tocsin_verify.py")
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-second-"))
let python: Python
beforeAll(() => {
    python = startPython()
})
afterAll(async () => {
    await python.stop()
    fs.rmSync(folder, { recursive: true })
})
const verify = (...args: readonly string[]) => python.verify(args)

function written(name: string, content: string | Uint8Array): string {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, content)
    return file
}

// --- Small logs under keys of ours

function pair(name: string, seedByte: number) {
    const key = signingNoteKey("ed25519", Buffer.alloc(32, seedByte), () => name)
    return { key, text: formatVerifierKey(key), sign: key.sign }
}

const log = pair("tocsin.example/audit-log", 1)
const forger = pair("tocsin.example/audit-log", 2)
const stranger = pair("other.example", 3)

function noteOf(leaves: readonly Hash[], { key, sign } = log): string {
    return signNote(formatCheckpoint({ origin: key.name, size: leaves.length, root: rootOf(leaves) }), key, sign)
}

function headOf(leaves: readonly Hash[], by = log): string {
    return checkpointLine({ origin: by.key.name, verifierKey: by.text, checkpoint: noteOf(leaves, by) })
}

const bodies: readonly Json[] = [
    { by: null, step: "init" },
    { by: "p-1", cves: ["CVE-2025-49704"], weight: 1e-7, more: { "": -0.5, é: 1e21, "€": [true, null, 20480] } },
    { by: "p-2", note: 'a "line"\nbreak, \u001b[31m, \u202e, 😀 and €' },
]

const entries = Array.from({ length: 13 }, (_, index): Entry => {
    const [salt, body] = [Buffer.alloc(16, index + 1), bodies[index % bodies.length] ?? null]
    const opening = index % 4 === 3 ? null : { salt: salt.toString("hex"), body }
    const commitment = Buffer.from(commit(salt, body)).toString("hex")
    return { index, at: `2026-01-01T00:00:${10 + index}Z`, kind: "case.opened", commitment, opening }
})
const leaves = entries.map(leafOf)
const paths = [...pathRanges(leaves.length)].map((ranges) =>
    ranges.map(({ start, end }) => rootOf(leaves.slice(start, end))),
)
const exported = [headOf(leaves), ...entries.map((entry, i) => entryLine(entry, paths[i] ?? []))]

const receipt = Buffer.from(receiptOf({ kind: "fetched", at: "2026-01-01T00:00:00Z", partner: "p-1", weight: 0.1 }))

/** A receipt in batch 3 of a log of 6. */
function receiptOf(body: Json): string {
    const [index, place, salt] = [3, 700, Buffer.alloc(16, 7)]
    const inBatch = batchLeaves(Buffer.alloc(32, 9), new Map([[place, commit(salt, body)]]))
    const batches = Array.from({ length: 6 }, (_, i) => ({
        anchor: createHash("sha256").update(`anchor ${i}`).digest("hex"),
        at: `2026-01-01T00:0${i}:00Z`,
        root: i === index ? Buffer.from(batchRoot(inBatch)).toString("hex") : "00".repeat(32),
    }))
    const batch = batches[index] ?? fail()
    const inLog = batches.map(batchLeaf)
    const checkpoint = { origin: log.key.name, verifierKey: log.text, checkpoint: noteOf(inLog) }
    const proof = proveInclusion(inLog, index)
    const opened = { place, path: batchPath(inBatch, place), salt: salt.toString("hex"), body }
    return receiptText({ checkpoint, index, batch, proof, ...opened })
}

function fail(): never {
    throw new Error("there is none")
}

// --- Chance: the same in each run of one seed

interface Chance {
    readonly below: (limit: number) => number
    readonly of: <T>(items: readonly T[]) => T
}

function chanceFor(name: string): Chance {
    let count = 0
    const below = (limit: number) => {
        const hash = createHash("sha256")
            .update(`${name} ${process.env["SEED"] ?? 1} ${count++}`)
            .digest()
        return hash.readUInt32BE() % limit
    }
    return { below, of: (items) => items[below(items.length)] as (typeof items)[number] }
}

// --- Changes

interface Change {
    readonly kind: "export" | "receipt" | "checkpoint" | "tiles" | "signature"
    readonly file: string
    readonly content: Buffer
}

function flipByte(bytes: Buffer, chance: Chance): Buffer {
    const at = chance.below(bytes.length)
    return Buffer.from(bytes.with(at, (bytes[at] ?? 0) ^ (1 + chance.below(255))))
}

function spliceBytes(bytes: Buffer, chance: Chance): Buffer {
    const [at, out] = [chance.below(bytes.length + 1), chance.below(3)]
    const put = Buffer.from(Array.from({ length: chance.below(3) }, () => chance.of([10, 32, 34, 0, 48, 195, 255, 97])))
    return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + out)])
}

/** Drops, swaps, doubles or moves a line. */
function moveLine(bytes: Buffer, chance: Chance): Buffer {
    const lines = bytes.toString().split(/(?<=\n)/)
    const [a, b] = [chance.below(lines.length), chance.below(lines.length)]
    const [first = "", second = ""] = [lines[a], lines[b]]
    const moves = [
        () => lines.toSpliced(a, 1),
        () => lines.with(a, second).with(b, first),
        () => lines.toSpliced(b, 0, first),
        () => lines.toSpliced(a, 1).toSpliced(b, 0, first),
        () => lines.slice(0, a),
    ]
    return Buffer.from(chance.of(moves)().join(""))
}

/** Another value of the same or another type. */
function otherValue(value: Json | undefined, chance: Chance): Json {
    if (typeof value === "string" && chance.below(2) === 0) {
        const at = chance.below(value.length + 1)
        return `${value.slice(0, at)}${chance.of(["0", "a", "Z", "é", " ", "\n"])}${value.slice(at + chance.below(2))}`
    }
    if (typeof value === "number") return chance.of([value + 1, value - 1, value + 0.5, 2 ** 53, String(value)])
    if (Array.isArray(value) && chance.below(2) === 0) return chance.of([value.slice(1), [...value, ...value], []])
    return chance.of<Json>([null, true, 0, 1, -1, "", "00".repeat(32), "00".repeat(16), [], {}, { by: "p-9" }])
}

/** Changes, removes or adds a field of a line, and writes the line canonically. */
function changeField(bytes: Buffer, chance: Chance): Buffer {
    const lines = bytes.toString().split(/(?<=\n)/)
    const at = chance.below(lines.length)
    const fields = JSON.parse(lines[at] ?? "") as Record<string, Json>
    const name = chance.of(Object.keys(fields))
    const { [name]: value, ...others } = fields
    const body = chance.of<Json>([{ by: "p-9" }, { by: null }])
    const ways: (() => Record<string, Json>)[] = [
        () => ({ ...fields, [name]: otherValue(value, chance) }),
        () => others,
        () => ({ ...fields, more: 1 }),
        // Rewritten throughout, with the right commitment.
        () => {
            const commitment = Buffer.from(commit(Buffer.alloc(16), body)).toString("hex")
            return { ...fields, salt: "00".repeat(16), body, commitment }
        },
    ]
    return Buffer.from(lines.with(at, `${canonical(chance.of(ways)())}\n`).join(""))
}

/** Puts the signature, or the whole head, of another key, of another tree, or with more signatures. */
function changeHead(bytes: Buffer, chance: Chance): Buffer {
    const [first = "", ...rest] = bytes.toString().split(/(?<=\n)/)
    const fields = JSON.parse(first) as { checkpoint: string; verifierKey: string; origin: string }
    const [text = "", signature = ""] = fields.checkpoint.split("\n\n")
    const by = (person: typeof log, over = text) => signNote(`${over}\n`, person.key, person.sign)
    const [, added = ""] = by(stranger).split("\n\n")
    const heads: (() => object)[] = [
        () => ({ checkpoint: by(forger) }),
        () => ({ checkpoint: by(stranger) }),
        () => ({ checkpoint: by(forger), verifierKey: forger.text, origin: forger.key.name }),
        () => ({ checkpoint: by(stranger), verifierKey: stranger.text, origin: stranger.key.name }),
        () => ({ checkpoint: `${fields.checkpoint}${added}` }),
        () => ({ checkpoint: `${fields.checkpoint}${signature}` }),
        () => ({ checkpoint: `${text.replace(/\n\d+\n/, "\n999\n")}\n\n${signature}` }),
        () => ({ checkpoint: `${text}\nmore\n\n${signature}` }),
        () => ({ checkpoint: by(log, `${text}\nextension`) }),
        () => ({ checkpoint: by(log, text.replace(/^[^\n]*/, "other.example")) }),
        () => ({ origin: chance.of(["other.example", "", `${fields.origin} `]) }),
    ]
    return Buffer.from(`${canonical({ ...fields, ...chance.of(heads)() })}\n${rest.join("")}`)
}

/** Another size, signed by the log's own key. A receipt may fit it, because its proof fits several sizes. */
function changeSize(bytes: Buffer, chance: Chance): Buffer {
    const [first = "", ...rest] = bytes.toString().split(/(?<=\n)/)
    const fields = JSON.parse(first) as { checkpoint: string }
    const text = fields.checkpoint.replace(/\n\n[^]*/, "\n").replace(/\n\d+\n/, `\n${chance.below(20)}\n`)
    const checkpoint = signNote(text, log.key, log.sign)
    return Buffer.from(`${canonical({ ...fields, checkpoint })}\n${rest.join("")}`)
}

/** The note of a checkpoint, signed by others, or with signatures and lines of others. */
function changeNote(bytes: Buffer, chance: Chance): Buffer {
    const [text = "", signature = ""] = bytes.toString().split("\n\n")
    const by = (person: typeof log, over = text) => signNote(`${over}\n`, person.key, person.sign)
    const [, added = ""] = by(stranger).split("\n\n")
    const notes = [
        () => by(forger),
        () => by(stranger),
        () => `${text}\n\n${by(forger).split("\n\n")[1]}${added}`,
        () => `${text}\n\n${signature.replace("— ", "—  ")}`,
        () => `${text}\n\n${signature}${added.replace(" ", "")}`,
        () => `${text.replace(/\n\d+\n/, `\n${chance.below(1000)}0\n`)}\n\n${signature}`,
        () => `${text.replace(/\n(?=\d)/, "\n0")}\n\n${signature}`,
        () => `${text}\nmore\n\n${signature}${added}`,
    ]
    return Buffer.from(chance.of(notes)())
}

type Way = (bytes: Buffer, chance: Chance) => Buffer

/** So many changed files, none of which is the sound one. */
function changed(kind: Change["kind"], file: string, sound: Buffer, ways: readonly Way[], count: number): Change[] {
    const chance = chanceFor(`${kind} ${file}`)
    const changes: Change[] = []
    while (changes.length < count) {
        const content = chance.of(ways)(sound, chance)
        if (!content.equals(sound)) changes.push({ kind, file, content })
    }
    return changes
}

/** Asks Python about all changes. */
async function judgedByPython(
    sound: Readonly<Record<string, Buffer>>,
    changes: readonly Change[],
    key: string,
): Promise<string[]> {
    const files = Object.fromEntries(Object.entries(sound).map(([name, bytes]) => [name, bytes.toString("base64")]))
    const sent = changes.map(({ kind, file, content }) => {
        const before = sound[file] ?? Buffer.alloc(0)
        const least = Math.min(before.length, content.length)
        let [start, after] = [0, 0]
        while (start < least && before[start] === content[start]) start++
        while (after < least - start && before.at(-1 - after) === content.at(-1 - after)) after++
        const put = content.subarray(start, content.length - after).toString("base64")
        return { kind, key, file, start, end: before.length - after, put }
    })
    return await python.judge({ files, changes: sent })
}

const trusted = (key: string) => ({ keys: [parseVerifierKey(key)], verify: ed25519 })

async function judgedByUs({ kind, content }: Change, key: string): Promise<string> {
    if (kind === "checkpoint") return judgedCheckpoint(content, parseVerifierKey(key))
    const verdict = await verifyBytes(content, trusted(key))
    return verdict.ok ? "accepted" : `${verdict.index ?? "head"} ${verdict.code}`
}

function judgedCheckpoint(content: Buffer, key: VerifierKey): string {
    try {
        const note = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content)
        const { origin } = parseCheckpoint(openNote(note, key, ed25519))
        return origin === key.name ? "accepted" : "head audit_log.origin_mismatch"
    } catch (error) {
        if (error instanceof Refusal) return `head ${error.code}`
        // Of the decoder: the bytes are not UTF-8.
        if (error instanceof TypeError) return "head checkpoint.note_malformed"
        throw error
    }
}

/** Judges changed files by both, and returns the verdicts on which they agree. */
async function compared(changes: readonly Change[], sound: Buffer): Promise<string[]> {
    const theirs = await judgedByPython({ sound }, changes, log.text)
    const ours: string[] = []
    for (const change of changes) ours.push(await judgedByUs(change, log.text))
    const pairs = ours.map((verdict, i) => ({ verdict, theirs: theirs[i], content: changes[i]?.content.toString() }))
    expect(pairs.filter(({ verdict, theirs }) => verdict !== theirs).slice(0, 5)).toEqual([])
    return ours
}

const places = (verdicts: readonly string[]) => new Set(verdicts.map((verdict) => verdict.split(" ")[0]))

describe.skipIf(!isThere)("of changed files, Python and we refuse each one with the same place and code:", () => {
    const ways = [flipByte, spliceBytes, moveLine, changeField, changeHead]
    const kinds: [Change["kind"], Buffer, readonly Way[], count: number, placesMin: number][] = [
        ["export", Buffer.from(exported.join("")), [...ways, changeSize], runs(120, 4500), 10],
        ["receipt", receipt, ways, runs(90, 3000), 1],
        ["checkpoint", Buffer.from(noteOf(leaves)), [flipByte, spliceBytes, changeNote], runs(60, 2500), 1],
    ]
    test.each(kinds)("%s", async (kind, sound, ways, count, placesMin) => {
        expect(await compared([{ kind, file: "sound", content: sound }], sound)).toEqual(["accepted"])
        const verdicts = await compared(changed(kind, "sound", sound, ways, count), sound)
        expect(verdicts.filter((verdict) => verdict === "accepted")).toEqual([])
        expect(places(verdicts).size).toBeGreaterThanOrEqual(placesMin)
    })

    test("a signature that other readers of Ed25519 may accept", async () => {
        const files = Object.fromEntries(
            signatures.cases.map(({ is, publicKey, message, signature }) => [
                is,
                Buffer.from(publicKey + signature + message, "hex"),
            ]),
        )
        const changes = Object.entries(files).map(([file, content]) => ({ kind: "signature", file, content }) as const)
        const theirs = await judgedByPython(files, changes, log.text)
        const bytes = (text: string) => Buffer.from(text, "hex")
        const verdicts = signatures.cases.map(({ is, publicKey, message, signature, isSound }, i) => {
            const ours = ed25519(bytes(publicKey), bytes(message), bytes(signature))
            return { is, isSound, ours, theirs: theirs[i] === "accepted" }
        })
        expect(verdicts).toEqual(verdicts.map(({ is, isSound }) => ({ is, isSound, ours: isSound, theirs: isSound })))
    })
})

// --- Canonical JSON

/** Doubles of all sizes, and names and texts of all planes. */
function anyBody(count: number): Json {
    const chance = chanceFor("json")
    const numbers = new DataView(new ArrayBuffer(8))
    const number = () => {
        for (let at = 0; at < 8; at++) numbers.setUint8(at, chance.below(256))
        const any = numbers.getFloat64(0)
        return Number.isFinite(any) ? chance.of([any, chance.below(10 ** 6) / 1000, chance.below(10 ** 9) * 1e15]) : 0
    }
    const planes = [0x20, 0x7f, 0x2028, 0xe9, 0x20ac, 0xfb33, 0x1f600, 0x10ffff, 0x0a, 0x22, 0x5c, 0x1f]
    const text = () => String.fromCodePoint(...Array.from({ length: chance.below(6) }, () => chance.of(planes)))
    return Object.fromEntries(Array.from({ length: count }, () => [text(), [number(), text()]]))
}

test.skipIf(!isThere)("Python reads numbers, names and texts as we wrote them", async () => {
    const sound = Buffer.from(receiptOf({ kind: "fetched", any: anyBody(2000) }))
    expect(await judgedByPython({ sound }, [{ kind: "receipt", file: "sound", content: sound }], log.text)).toEqual([
        "accepted",
    ])
})

// --- Tiles

/** The checkpoint and the tiles of a tree, by their paths. */
function tilesOf(size: number): Record<string, Buffer> {
    const first = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))
    const tiles: Record<string, Buffer> = { checkpoint: Buffer.from(noteOf(first)) }
    for (let [level, hashes] = [0, first]; hashes.length > 0; level++) {
        const above: Hash[] = []
        for (let at = 0; at < hashes.length; at += 256) {
            const inTile = hashes.slice(at, at + 256)
            const suffix = inTile.length < 256 ? `.p/${inTile.length}` : ""
            tiles[`tile/${level}/${String(at / 256).padStart(3, "0")}${suffix}`] = Buffer.concat(inTile)
            if (inTile.length === 256) above.push(rootOf(inTile))
        }
        hashes = above
    }
    return tiles
}

describe.skipIf(!isThere)("tiles of a log", () => {
    test.each([0, 1, 255, 256, 257, 600, 66_000])("of %i leaves are accepted from a folder", async (size) => {
        const tiles = tilesOf(size)
        for (const [name, content] of Object.entries(tiles)) written(`${size}/${name}`, content)
        const { status, stdout } = await verify("tiles", path.join(folder, String(size)), "--key", log.text)
        expect({ status, stdout }).toMatchObject({
            status: 0,
            stdout: expect.stringContaining(`accepted: ${Object.keys(tiles).length - 1} tiles, ${size} leaves of `),
        })
    })

    test("are accepted from a URL, refused where the server has none, and not read where it breaks off", async () => {
        const tiles = tilesOf(300)
        const server = createServer(({ url = "" }, answer) => {
            const tile = tiles[url.replace("/log/", "")]
            if (url.startsWith("/cut/"))
                answer.writeHead(200, { "content-length": 8192 }).write("x", () => answer.destroy())
            else answer.writeHead(tile ? 200 : 404).end(tile)
        })
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
        const { port } = server.address() as AddressInfo
        const statusOf = async (at: string) =>
            (await verify("tiles", `http://127.0.0.1:${port}${at}`, "--key", log.text)).status
        try {
            expect([await statusOf("/log"), await statusOf("/other"), await statusOf("/cut")]).toEqual([0, 1, 2])
        } finally {
            server.close()
        }
    })

    test("are found by the path of their number, and in the full tile when the partial one is gone", async () => {
        const code = "import sys, tocsin_verify as v; print(v.tile_path(0, 1234067), v.tile_path(2, 5, 7))"
        const { stdout } = spawnSync("python3", ["-B", "-c", code], { cwd: path.dirname(program), encoding: "utf8" })
        expect(stdout).toBe("tile/0/x001/x234/067 tile/2/005.p/7\n")
        const [older, newer] = [tilesOf(600), tilesOf(768)]
        for (const [name, content] of Object.entries(newer)) written(`grown/${name}`, content)
        for (const name of ["checkpoint", "tile/1/000.p/2"]) written(`grown/${name}`, older[name] ?? fail())
        expect((await verify("tiles", path.join(folder, "grown"), "--key", log.text)).status).toBe(0)
    })

    test("are refused when they were changed, with the path of the tile", async () => {
        const tiles = tilesOf(600)
        const names = Object.keys(tiles)
        const ways = [flipByte, (bytes: Buffer) => bytes.subarray(1), (bytes: Buffer) => bytes.subarray(0, -32)]
        const changes = names.flatMap((name) => changed("tiles", name, tiles[name] ?? fail(), ways, runs(10, 200)))
        const [a = fail(), b = fail()] = [tiles["tile/0/000"], tiles["tile/0/001"]]
        changes.push(
            { kind: "tiles", file: "tile/0/000", content: b },
            { kind: "tiles", file: "tile/0/001", content: a },
        )
        const verdicts = await judgedByPython(tiles, changes, log.text)
        const named = (file: string) => (file === "checkpoint" ? /^head (checkpoint|audit_log)\./ : file)
        for (const [i, { file }] of changes.entries()) expect(verdicts[i]).toMatch(named(file))
    })

    test("are not read from a folder that is not there", async () => {
        const { status, stdout } = await verify("tiles", path.join(folder, "elsewhere"), "--key", log.text)
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" })
    })

    test("are refused when one is missing", async () => {
        const { "tile/0/001": _, ...others } = tilesOf(600)
        for (const [name, content] of Object.entries(others)) written(`missing/${name}`, content)
        const { status, stdout } = await verify("tiles", path.join(folder, "missing"), "--key", log.text)
        expect({ status, stdout }).toMatchObject({
            status: 1,
            stdout: expect.stringContaining("tile/0/001 is missing (tiles.missing)"),
        })
    })
})

// --- The demonstration

describe.skipIf(!isThere)("what the demonstration exports", () => {
    let world: Demonstration
    const kept = { log: "", older: "", receipt: "", logKey: "", receiptKey: "" }

    beforeAll(async () => {
        const master = await seedMaster()
        world = await copyDemonstration(master)
        const [daria, copperline] = [signedInAs(world, "daria"), signedInAs(world, "copperline")]
        const checkpoint = async () => (await daria.raw("GET", "/api/audit-log/checkpoint")).body
        await world.work()
        kept.older = written("older.json", await checkpoint())
        await world.moveTo(parseInstant("2025-07-03T17:00:00Z"))
        await world.work()
        const { warnings } = await copperline.get("/api/warnings")
        await copperline.copy("technical.md")
        const { receipts } = await copperline.post(`/api/warnings/${warnings[0].id}/acknowledge`)
        await world.work()
        const { receipt } = await copperline.get(`/api/receipts/${receipts[0]}`)
        kept.receipt = written("receipt.json", receipt)
        kept.receiptKey = (JSON.parse(receipt) as { verifierKey: string }).verifierKey
        kept.log = written("log.jsonl", (await daria.raw("GET", "/api/audit-log/export")).rawPayload)
        kept.logKey = (JSON.parse(await checkpoint()) as { verifierKey: string }).verifierKey
        return async () => {
            await world.close()
            await master.close()
        }
    })

    test("its receipt log is accepted as tiles, from the addresses of the server", async () => {
        const services = { ...world.services, tileReaders: "public" as const }
        const app = await makeServer({
            services,
            side: "portal",
            web: null,
            secureCookies: false,
            requestsPerMinuteMax: 999,
        })
        try {
            const address = await app.listen({ host: "127.0.0.1", port: 0 })
            const { stdout } = await verify("tiles", `${address}/receipt-log`, "--key", kept.receiptKey)
            expect(stdout).toMatch(/: accepted: \d+ tiles, [1-9]\d* leaves of /)
        } finally {
            await app.close()
        }
    })

    async function ours(file: string, key: string, checkpoint?: string) {
        const lines: string[] = []
        const io = {
            open: (file: string) => fs.createReadStream(file),
            result: (line: string) => void lines.push(line),
        }
        const options = { key: [key], ...(checkpoint !== undefined && { checkpoint: [checkpoint] }) }
        return {
            status: await verifyFiles([file], options, { ...io, message: () => undefined }),
            text: lines.join("\n"),
        }
    }

    const facts = (text: string) => ({
        root: /root [0-9a-f]{64}/.exec(text)?.[0],
        leaves: /\d+ leaves/.exec(text)?.[0],
        withheld: /\d+ without/.exec(text)?.[0],
        receipt: /receipt, partner [^,]+, \w+ at [^,]+, in batch \d+ of \d+/.exec(text)?.[0],
    })

    test("is accepted by both, with the same root", async () => {
        const { status, stdout } = await verify("export", kept.log, "--key", kept.logKey)
        const own = await ours(kept.log, kept.logKey)
        expect({ status, ...facts(stdout) }).toEqual({ status: own.status, ...facts(own.text) })
        expect(facts(stdout)).toMatchObject({ leaves: expect.anything(), withheld: expect.anything() })
    })

    test("continues an older checkpoint for both, which Python also checks alone", async () => {
        const args = ["export", kept.log, "--key", kept.logKey, "--checkpoint", kept.older]
        const { status, stdout } = await verify(...args)
        const { size } = JSON.parse(fs.readFileSync(kept.older, "utf8")) as { size: number }
        expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining(`of ${size} leaves`) })
        expect(await ours(kept.log, kept.logKey, kept.older)).toMatchObject({ status: 0 })
        const alone = await verify("checkpoint", kept.older, "--key", kept.logKey)
        expect({ status: alone.status, leaves: facts(alone.stdout).leaves }).toEqual({
            status: 0,
            leaves: `${size} leaves`,
        })
    })

    test("is refused by both where the log was shortened or rewritten since a checkpoint", async () => {
        const other = written("other.txt", noteOf(leaves))
        const shorter = written("shorter.jsonl", exported.join(""))
        const longer = written("longer.txt", noteOf([...leaves, ...leaves]))
        const differs = written("differs.txt", noteOf(leaves.slice(1)))
        for (const [file, key, code] of [
            [longer, log.text, "verify.shorter_than_signed"],
            [differs, log.text, "verify.histories_diverge"],
        ] as const) {
            const { status, stdout } = await verify("export", shorter, "--key", key, "--checkpoint", file)
            const own = await ours(shorter, key, file)
            expect([status, own.status]).toEqual([1, 1])
            expect([stdout, own.text]).toEqual([expect.stringContaining(code), expect.stringContaining(code)])
        }
        expect((await verify("export", kept.log, "--key", kept.logKey, "--checkpoint", other)).status).toBe(1)
    })

    test("has receipts that both accept", async () => {
        const { status, stdout } = await verify("receipt", kept.receipt, "--key", kept.receiptKey)
        const own = await ours(kept.receipt, kept.receiptKey)
        expect({ status, receipt: facts(stdout).receipt }).toEqual({
            status: own.status,
            receipt: facts(own.text).receipt,
        })
        expect(facts(stdout).receipt).toContain("acknowledged")
        expect(await verify("receipt", kept.receipt, "--key", kept.logKey)).toMatchObject({
            status: 1,
            stdout: expect.stringMatching(/REJECTED in the first line: .* \(audit_log\.key_mismatch\)/),
        })
    })

    test("is refused at the changed leaf, and exits with 2 without a file or a key", async () => {
        const lines = fs.readFileSync(kept.log, "utf8").split(/(?<=\n)/)
        const at = lines.length - 3
        const changed = written("changed.jsonl", lines.toSpliced(at, 1).join(""))
        expect(await verify("export", changed, "--key", kept.logKey)).toMatchObject({
            status: 1,
            stdout: expect.stringContaining(`REJECTED at leaf ${at - 1}: `),
        })
        const half = written("half.json", '{"checkpoint":"\\ud800\\n0\\n\\n\\n"}')
        expect(await verify("checkpoint", half, "--key", kept.logKey)).toMatchObject({ status: 1, stderr: "" })
        expect(await verify("export", "/nowhere", "--key", kept.logKey)).toMatchObject({ status: 2, stdout: "" })
        expect(await verify("export", kept.log, "--key", "nonsense")).toMatchObject({ status: 2, stdout: "" })
        expect(await verify("export", kept.log)).toMatchObject({ status: 2, stdout: "" })
        // As its own process.
        const statusOf = (file: string) =>
            spawnSync("python3", ["-B", program, "export", file, "--key", kept.logKey]).status
        expect([kept.log, changed, "/nowhere"].map(statusOf)).toEqual([0, 1, 2])
    })
})
