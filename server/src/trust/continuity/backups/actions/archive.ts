/**
 * The file of a backup: a tar archive, compressed by gzip, in an age file for the operators' recipients.
 * docs/reference/formats/backup.md describes it.
 *
 *     manifest.json           what the database was
 *     tables/NAME/000000.copy rows of a table, as PostgreSQL's COPY writes them; more pieces follow
 *     end.json                rows of each table, last values, and a MAC of all entries under the root key
 *
 * Anyone can encrypt for a recipient. The MAC shows that a backup is this program's.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { Readable } from "node:stream"
import { createGunzip, createGzip } from "node:zlib"
import { Decrypter, Encrypter } from "age-encryption"
import { createTarDecoder, packTar } from "modern-tar"
import { Type, type Static } from "typebox"
import { Check } from "typebox/value"
import { canonical } from "@tocsin/base/canonical"
import type { Opener } from "@tocsin/client/open"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Keys, keyBytes } from "../../../../platform/crypto/keys.ts"
import type { WrappedRootKey } from "../../../../platform/crypto/root-key.ts"

export const backupFormat = "tocsin-backup/1"

const strings = Type.Array(Type.String())
const manifestSchema = Type.Object({
    format: Type.Literal(backupFormat),
    /** When the database was as in this backup, by its clock: `2026-12-01T12:00:00.000Z`. */
    takenAt: Type.String(),
    /** Of PostgreSQL: `18.4`. */
    postgres: Type.String(),
    /** Names of the migrations, in order. */
    migrations: strings,
    /** Size and root (hex) of the newest checkpoint; null without one. */
    auditLog: Type.Union([Type.Null(), Type.Object({ size: Type.Integer(), root: Type.String() })]),
    tables: Type.Array(Type.Object({ name: Type.String(), columns: strings })),
    /** The root key, wrapped (base64) by each key-encryption key that opens it. Older versions wrote none. */
    rootKeys: Type.Optional(Type.Array(Type.Object({ id: Type.String(), wrapped: Type.String() }))),
})
export type Manifest = Static<typeof manifestSchema>

const endSchema = Type.Object({
    /** By table. */
    rows: Type.Record(Type.String(), Type.Integer()),
    lastValues: Type.Record(Type.String(), Type.String()),
    mac: Type.String(),
})
type End = Static<typeof endSchema>

/** Rows of one table, whole. */
export interface Piece {
    readonly table: string
    readonly rows: AsyncIterable<Uint8Array>
}

/** Opens the root key of a backup. Null: no key of ours opens it. */
export type KeysOf = (rootKeys: readonly WrappedRootKey[]) => Keys | null | Promise<Keys | null>

const textBytesMax = 16 * 1024 * 1024
/** Two blocks of zeros end a tar archive. */
const tarEndBytes = 1024

/** Computes the MAC over the entries in their order. */
function macOf(keys: Keys) {
    const hmac = createHmac("sha256", keys.derive("backup", keyBytes))
    return {
        begin: (name: string, size: number) => hmac.update(`${name}\n${size}\n`),
        add: (bytes: Uint8Array) => hmac.update(bytes),
        end: (end: Omit<End, "mac">) => hmac.update(canonical(end)).digest("hex"),
    }
}

export interface Contents {
    readonly manifest: Manifest
    readonly pieces: AsyncIterable<{ readonly table: string; readonly rows: Buffer }>
    /** Is asked once all pieces are read. */
    readonly end: () => Promise<Omit<End, "mac">>
}

/** Returns the stream of an encrypted backup. */
export async function writeArchive(
    recipients: readonly string[],
    keys: Keys,
    contents: Contents,
): Promise<ReadableStream<Uint8Array>> {
    const age = new Encrypter()
    for (const recipient of recipients) age.addRecipient(recipient)
    // Level 1: much of the content is encrypted, and does not get smaller.
    const gzip = createGzip({ level: 1 })
    const tar = Readable.from(entriesOf(keys, contents))
    tar.on("error", (error) => gzip.destroy(error))
    return await age.encrypt(Readable.toWeb(tar.pipe(gzip)) as ReadableStream<Uint8Array>)
}

async function* entriesOf(keys: Keys, { manifest, pieces, end }: Contents): AsyncGenerator<Uint8Array> {
    const mac = macOf(keys)
    const entry = async (name: string, body: Uint8Array) => {
        mac.begin(name, body.length)
        mac.add(body)
        return (await tarOf(name, body)).subarray(0, -tarEndBytes)
    }
    yield await entry("manifest.json", jsonOf(manifest))
    const counts = new Map<string, number>()
    for await (const { table, rows } of pieces) {
        const count = counts.get(table) ?? 0
        counts.set(table, count + 1)
        yield await entry(`tables/${table}/${String(count).padStart(6, "0")}.copy`, rows)
    }
    const values = await end()
    yield await tarOf("end.json", jsonOf({ ...values, mac: mac.end(values) }))
}

const jsonOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 4)}\n`)

const tarOf = async (name: string, body: Uint8Array): Promise<Uint8Array> =>
    await packTar([{ header: { name, size: body.length, type: "file", mode: 0o600, mtime: new Date(0) }, body }])

interface Reader {
    readonly begin: (manifest: Manifest) => Promise<void>
    readonly take: (piece: Piece) => Promise<void>
}

/** The bytes are not those of a backup. `readArchive` refuses them with the place. */
class Damage extends Error {}

/**
 * Reads a backup. Passes the manifest to `begin`, and each piece to `take` in the order of the file. Returns the last
 * values and rows once all of it is checked. `keysOf` null: the backup can be another program's.
 * Refuses `backup.no_identity`, `backup.damaged` and `backup.other_program`.
 */
export async function readArchive(
    encrypted: ReadableStream<Uint8Array>,
    openers: readonly Opener[],
    keysOf: KeysOf | null,
    reader: Reader,
): Promise<Omit<End, "mac">> {
    const place = { entry: "its first byte" }
    try {
        return await readEntries(encrypted, openers, keysOf, reader, place)
    } catch (error) {
        if (!(error instanceof Damage)) throw error
        return refuse(
            "invalid",
            "backup.damaged",
            `this is not a whole backup of Tocsin, and is damaged at or after \`${place.entry}\`: use another one`,
            { entry: place.entry },
        )
    }
}

/** Does what `readArchive` does. Throws `Damage`; `place` has the entry that was read. */
async function readEntries(
    encrypted: ReadableStream<Uint8Array>,
    openers: readonly Opener[],
    keysOf: KeysOf | null,
    reader: Reader,
    place: { entry: string },
): Promise<Omit<End, "mac">> {
    const tar = await decrypt(encrypted, openers)
    let mac: ReturnType<typeof macOf> | null = null
    let manifest: Manifest | null = null
    let end: End | null = null
    for await (const { header, body } of entriesIn(tar)) {
        if (end !== null) throw new Damage()
        if (header.name === "end.json") {
            place.entry = header.name
            end = parsed(endSchema, await bytesOf(body))
        } else if (manifest === null) {
            if (header.name !== "manifest.json") throw new Damage()
            place.entry = header.name
            const bytes = await bytesOf(body)
            manifest = parsed(manifestSchema, bytes)
            mac = keysOf && macOf(await rootKeyOf(manifest, keysOf))
            mac?.begin(header.name, header.size)
            mac?.add(bytes)
            await reader.begin(manifest)
        } else {
            mac?.begin(header.name, header.size)
            const [, table = ""] = /^tables\/([a-z0-9_]+)\/\d{6,}\.copy$/.exec(header.name) ?? []
            if (!manifest.tables.some(({ name }) => name === table)) throw new Damage()
            place.entry = header.name
            await reader.take({ table, rows: noting(body, (part) => mac?.add(part)) })
        }
    }
    if (end === null) throw new Damage()
    const { mac: claimed, ...values } = end
    if (mac !== null && !isEqual(mac.end(values), claimed)) refuseOther()
    return values
}

async function rootKeyOf({ rootKeys = [] }: Manifest, keysOf: KeysOf): Promise<Keys> {
    const rows = rootKeys.map(({ id, wrapped }) => ({ id, wrapped: Buffer.from(wrapped, "base64") }))
    let keys: Keys | null
    try {
        keys = await keysOf(rows)
    } catch {
        throw new Damage()
    }
    return keys ?? refuseOther()
}

function refuseOther(): never {
    refuse("forbidden", "backup.other_program", "the key file is not the one of this backup: give the one of its time")
}

async function decrypt(
    encrypted: ReadableStream<Uint8Array>,
    openers: readonly Opener[],
): Promise<ReadableStream<Uint8Array>> {
    const age = new Decrypter()
    for (const opener of openers) age.addIdentity(opener)
    try {
        const gunzip = createGunzip()
        const source = Readable.from(await age.decrypt(encrypted))
        source.on("error", (error) => gunzip.destroy(error))
        return Readable.toWeb(source.pipe(gunzip)) as ReadableStream<Uint8Array>
    } catch (error) {
        if (error instanceof Refusal) throw error
        if (error instanceof Error && error.message.startsWith("no identity matched")) {
            refuse("forbidden", "backup.no_identity", "the backup is not encrypted for this identity: give another one")
        }
        throw new Damage()
    }
}

type Entry = {
    readonly header: { readonly name: string; readonly size: number }
    readonly body: ReadableStream<Uint8Array>
}

/** Yields the entries. Errors of decryption, compression and tar refuse the backup; those of the reader pass. */
async function* entriesIn(tar: ReadableStream<Uint8Array>): AsyncGenerator<Entry> {
    const entries = tar.pipeThrough(createTarDecoder({ strict: true })).getReader()
    for (;;) {
        const next = await entries.read().catch(refuseDamage)
        if (next.done) return
        yield next.value
    }
}

async function* noting(body: ReadableStream<Uint8Array>, note: (part: Uint8Array) => void): AsyncGenerator<Uint8Array> {
    const parts = body.getReader()
    for (;;) {
        const next = await parts.read().catch(refuseDamage)
        if (next.done) return
        note(next.value)
        yield next.value
    }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const part of body) {
        parts.push(part)
        bytes += part.length
        if (bytes > textBytesMax) throw new Damage()
    }
    return Buffer.concat(parts)
}

function parsed<Schema extends typeof manifestSchema | typeof endSchema>(
    schema: Schema,
    bytes: Buffer,
): Static<Schema> {
    let value: unknown = null
    try {
        value = JSON.parse(bytes.toString("utf8"))
    } catch {
        throw new Damage()
    }
    return Check(schema, value) ? value : refuseDamage()
}

function refuseDamage(): never {
    throw new Damage()
}

const isEqual = (a: string, b: string): boolean =>
    a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
