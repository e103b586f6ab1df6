/** Backups that were changed: the outer file, the entries inside, and the MAC. Each is refused, most with the place. */
import { createHmac } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { packTar, unpackTar } from "modern-tar"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { canonical } from "@tocsin/base/canonical"
import { Refusal } from "@tocsin/base/refusal"
import { runs } from "../../../../../test/support/properties.ts"
import { keyBytes, keysFrom } from "../../../platform/crypto/keys.ts"
import { findRootKey, keyIdOf } from "../../../platform/crypto/root-key.ts"
import { type Contents, writeArchive } from "./actions/archive.ts"
import { checkBackup } from "./actions/read-backup.ts"

const [keyFile, wrapping, deriving] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer, Buffer]
const [keys, otherKeys] = [keysFrom(wrapping, deriving), keysFrom(keyFile)]
const wrapRoot = async (key: Buffer) => {
    const id = keyIdOf(key)
    const wrapped = await keysFrom(key).wrap(`root_keys.wrapped:${id}`, Buffer.concat([wrapping, deriving]))
    return { id, wrapped: wrapped.toString("base64") }
}
const rootKeys = await Promise.all([keyFile, Buffer.alloc(32, 4)].map(wrapRoot))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-changed-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

interface Entry {
    readonly name: string
    readonly body: Buffer
}
let identity: string
let recipient: string
let sound: Buffer
let entries: readonly Entry[]

const tables = ["cases", "persons"].map((name) => ({ name, columns: ["id", "text"] }))
const pieces = tables.flatMap(({ name }) =>
    [0, 1, 2].map((n) => ({ table: name, rows: Buffer.from(`${n}\t${name} ${n}\n${n}0\tmore of ${name}\n`) })),
)
const contents: Contents = {
    manifest: {
        format: "tocsin-backup/1",
        takenAt: "2026-12-01T12:00:00.000Z",
        postgres: "18.4",
        migrations: ["0001-baseline.sql"],
        auditLog: { size: 7, root: "00".repeat(32) },
        tables,
        rootKeys,
    },
    pieces: (async function* () {
        yield* pieces
    })(),
    end: () => Promise.resolve({ rows: { cases: 6, persons: 6 }, lastValues: { "cases.seq": "9" } }),
}

beforeAll(async () => {
    identity = await generateX25519Identity()
    recipient = await identityToRecipient(identity)
    const parts: Uint8Array[] = []
    for await (const part of await writeArchive([recipient], keys, contents)) parts.push(part)
    sound = Buffer.concat(parts)
    const age = new Decrypter()
    age.addIdentity(identity)
    const tar = gunzipSync(await age.decrypt(sound))
    entries = (await unpackTar(tar)).map(({ header, data }) => ({ name: header.name, body: Buffer.from(data ?? []) }))
})

async function packed(changed: readonly Entry[]): Promise<Buffer> {
    const age = new Encrypter()
    age.addRecipient(recipient)
    const list = changed.map(({ name, body }) => ({ header: { name, size: body.length, type: "file" as const }, body }))
    return Buffer.from(await age.encrypt(gzipSync(await packTar(list))))
}

/** `accepted`, or the code and the message. */
async function verdictOf(file: Buffer): Promise<string> {
    const name = path.join(folder, "changed.age")
    fs.writeFileSync(name, file)
    try {
        await checkBackup(name, [identity], (rows) => findRootKey(rows, keyFile))
        return "accepted"
    } catch (error) {
        if (error instanceof Refusal) return `${error.code}: ${error.message}`
        throw error
    }
}

/** Verdicts on so many changed files, `accepted` or the code. A change that leaves the sound file is made again. */
async function refusalsOf(count: number, change: () => Promise<Buffer>): Promise<string[]> {
    const verdicts: string[] = []
    while (verdicts.length < count) {
        const file = await change()
        if (!file.equals(sound)) verdicts.push((await verdictOf(file)).replace(/: .*/, ""))
    }
    return verdicts
}

// --- Chance: the same in each run of one seed

let count = 0
function below(limit: number): number {
    const hash = createHmac("sha256", process.env["SEED"] ?? "1")
        .update(String(count++))
        .digest()
    return hash.readUInt32BE() % limit
}
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T

function flipped(bytes: Buffer): Buffer {
    const at = below(bytes.length)
    return Buffer.from(bytes.with(at, (bytes[at] ?? 0) ^ (1 + below(255))))
}

/** Changes by a person who has the file and cannot read it. */
const outerChanges: readonly (() => Buffer)[] = [
    () => flipped(sound),
    () => sound.subarray(0, below(sound.length)),
    () => Buffer.concat([sound, Buffer.alloc(1 + below(32), below(256))]),
    () => {
        const at = below(sound.length)
        return Buffer.concat([sound.subarray(0, at), sound.subarray(at + 1 + below(40))])
    },
]

/** Changes by a person who can read the backup and encrypt another one for its readers: all entries but the end. */
const innerChanges: readonly (() => readonly Entry[])[] = [
    () => entries.toSpliced(below(entries.length), 1),
    () => {
        const [a, b] = [below(entries.length), below(entries.length)]
        return entries.with(a, entries[b] ?? fail()).with(b, entries[a] ?? fail())
    },
    () => entries.toSpliced(below(entries.length + 1), 0, pick(entries)),
    () => {
        const at = below(entries.length - 1)
        const { name, body } = entries[at] ?? fail()
        const changed = pick([
            () => flipped(body),
            () => body.subarray(1),
            () => Buffer.concat([body, Buffer.from("\n")]),
        ])
        return entries.with(at, { name, body: changed() })
    },
    () => {
        const at = 1 + below(entries.length - 2)
        const { body } = entries[at] ?? fail()
        const name = pick(["tables/cases/000009.copy", "tables/persons/000003.copy", "tables/other/000000.copy", "x"])
        return entries.with(at, { name, body })
    },
]

type End = { rows: Record<string, number>; lastValues: Record<string, string>; mac: string }

/** The end with other fields, or with the MAC of another key file. */
const endChanges: readonly ((end: End) => object)[] = [
    (end) => ({ ...end, mac: flipped(Buffer.from(end.mac, "hex")).toString("hex") }),
    (end) => ({ ...end, mac: end.mac.toUpperCase() }),
    (end) => ({ ...end, mac: end.mac.slice(1 + below(63)) }),
    (end) => ({ ...end, mac: macOf(entries.slice(0, -1), end, otherKeys) }),
    (end) => ({ ...end, rows: { ...end.rows, cases: below(6) } }),
    (end) => ({ ...end, rows: { cases: 6 } }),
    (end) => ({ ...end, lastValues: { "cases.seq": String(10 + below(100)) } }),
    (end) => ({ ...end, lastValues: {} }),
    (end) => ({ ...end, more: 1 }),
    ({ mac: _, ...end }) => end,
]

function macOf(list: readonly Entry[], { rows, lastValues }: Pick<End, "rows" | "lastValues">, by = keys): string {
    const hmac = createHmac("sha256", by.derive("backup", keyBytes))
    for (const { name, body } of list) hmac.update(`${name}\n${body.length}\n`).update(body)
    return hmac.update(canonical({ rows, lastValues })).digest("hex")
}

function fail(): never {
    throw new Error("there is none")
}

const isSame = (a: readonly Entry[]) =>
    a.length === entries.length &&
    a.every(({ name, body }, i) => name === entries[i]?.name && body.equals(entries[i].body))

describe("a changed backup is refused:", () => {
    test("the sound one is accepted, as it was written and as we pack it", async () => {
        expect(await verdictOf(sound)).toBe("accepted")
        expect(await verdictOf(await packed(entries))).toBe("accepted")
        const end = JSON.parse(entries.at(-1)?.body.toString() ?? "") as End
        expect(end.mac).toBe(macOf(entries.slice(0, -1), end))
    })

    test("the encrypted file", async () => {
        const refusals = await refusalsOf(runs(60, 1000), async () => pick(outerChanges)())
        expect(refusals.filter((code) => code !== "backup.damaged" && code !== "backup.no_identity")).toEqual([])
    })

    test("the entries", async () => {
        const refusals = await refusalsOf(runs(60, 1000), async () => {
            const list = pick(innerChanges)()
            return isSame(list) ? sound : await packed(list)
        })
        expect(refusals.filter((code) => code !== "backup.damaged" && code !== "backup.other_program")).toEqual([])
    })

    test("the end, with its MAC", async () => {
        const end = JSON.parse(entries.at(-1)?.body.toString() ?? "") as End
        const refusals = await refusalsOf(runs(30, 300), async () => {
            const body = Buffer.from(JSON.stringify(pick(endChanges)(end)))
            return await packed(entries.with(-1, { name: "end.json", body }))
        })
        expect(refusals.filter((code) => code !== "backup.damaged" && code !== "backup.other_program")).toEqual([])
    })

    test("with the entry where it is damaged", async () => {
        const at = entries.findIndex(({ name }) => name === "tables/cases/000002.copy")
        const without = await verdictOf(await packed(entries.slice(0, at + 1)))
        expect(without).toContain("is damaged at or after `tables/cases/000002.copy`: use another one")
        expect(await verdictOf(Buffer.from("not a backup"))).toContain("damaged at or after `its first byte`")
    })

    test("rows that a manifest and an end of ours do not count", async () => {
        const list = entries.toSpliced(1, 1)
        const end = { rows: { cases: 6, persons: 6 }, lastValues: { "cases.seq": "9" } }
        const body = Buffer.from(JSON.stringify({ ...end, mac: macOf(list.slice(0, -1), end) }))
        const verdict = await verdictOf(await packed(list.with(-1, { name: "end.json", body })))
        expect(verdict).toMatch(/^backup\.damaged: table `cases` has other rows/)
    })
})
