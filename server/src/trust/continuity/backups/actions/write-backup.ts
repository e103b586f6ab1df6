/** Writes a backup of the running database into a file, and reads the file back before it counts. */
import { createHash, randomUUID } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import type pg from "pg"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { isHybrid } from "@tocsin/client/recipient"
import { refuse } from "@tocsin/base/refusal"
import type { Keys } from "../../../../platform/crypto/keys.ts"
import { listRootKeys } from "../../../../platform/crypto/root-key.ts"
import { migrationLock } from "../../../../platform/postgres/migrate.ts"
import {
    connectForLong,
    listTables,
    lockToRead,
    readLastValues,
    readTable,
    rowsIn,
    txOf,
} from "../../../../platform/postgres/whole-tables.ts"
import { observeAuditLog } from "../../../audit-log/actions/sequence-leaves.ts"
import { type Contents, type Manifest, backupFormat, writeArchive } from "./archive.ts"
import { checkBackup } from "./read-backup.ts"

export interface WrittenBackup {
    readonly file: string
    readonly bytes: number
    /** Of the file, in hex. */
    readonly sha256: string
    /** When the database was as in the backup. */
    readonly takenAt: Instant
    /** Size of the audit log. */
    readonly auditLog: number
}

export interface BackupSource {
    readonly databaseUrl: string
    readonly keys: Keys
    /** `age1…` of the operators. */
    readonly recipients: readonly string[]
}

/**
 * Writes a new file with all tables as of one instant, while the program runs. The file gets its name only after all
 * of it was read back, with an identity that exists in memory only. Refuses `backup.already_exists`.
 */
export async function writeBackup(
    { databaseUrl, keys, recipients }: BackupSource,
    file: string,
    signal?: AbortSignal,
): Promise<WrittenBackup> {
    if (await exists(file)) refuse("conflict", "backup.already_exists", `\`${file}\` exists: name another file`)
    const draft = `${file}.${randomUUID()}.part`
    // An X25519 stanza would make a file for hybrid recipients weaker.
    const reader = recipients.every(isHybrid) ? await generateHybridIdentity() : await generateX25519Identity()
    const client = await connectForLong(databaseUrl)
    try {
        signal?.throwIfAborted()
        // A migration in between could rewrite a table, which then looks empty to an older snapshot.
        await client.query("select pg_advisory_lock_shared($1)", [migrationLock])
        await client.query("begin isolation level repeatable read read only")
        const contents = await readDatabase(client)
        const archive = await writeArchive([...recipients, await identityToRecipient(reader)], keys, contents)
        const { bytes, sha256 } = await writeFile(draft, archive, signal)
        await client.query("commit")
        await checkBackup(draft, [reader], () => keys, signal)
        signal?.throwIfAborted()
        await fs.promises.rename(draft, file)
        await sync(path.dirname(file))
        const { takenAt, auditLog } = contents.manifest
        return {
            file,
            bytes,
            sha256,
            takenAt: parseInstant(takenAt),
            auditLog: auditLog?.size ?? 0,
        }
    } finally {
        await fs.promises.rm(draft, { force: true })
        await client.end()
    }
}

async function readDatabase(client: pg.Client): Promise<Contents> {
    const tx = txOf(client)
    const [facts] = await tx.query<{ now: Instant; postgres: string }>(
        "select clock_timestamp() as now, current_setting('server_version') as postgres",
    )
    const migrations = await tx.query<{ name: string }>("select name from migrations order by name")
    const { newest } = await observeAuditLog(tx, null)
    const rootKeys = await listRootKeys(tx)
    const tables = await listTables(tx)
    await lockToRead(tx, tables)
    const manifest: Manifest = {
        format: backupFormat,
        takenAt: formatInstant(facts?.now ?? 0),
        postgres: facts?.postgres.split(" ")[0] ?? "",
        migrations: migrations.map(({ name }) => name),
        auditLog: newest && { size: newest.size, root: newest.root },
        rootKeys: rootKeys.map(({ id, wrapped }) => ({ id, wrapped: wrapped.toString("base64") })),
        tables: tables.map(({ name, columns }) => ({ name, columns: [...columns] })),
    }
    const rows = new Map(tables.map(({ name }) => [name, 0]))
    const pieces = async function* () {
        for (const table of tables) {
            for await (const piece of readTable(client, table)) {
                rows.set(table.name, (rows.get(table.name) ?? 0) + rowsIn(piece))
                yield { table: table.name, rows: piece }
            }
        }
    }
    // Read last: sequences run on outside the snapshot, and a later value does no harm.
    const end = async () => ({ rows: Object.fromEntries(rows), lastValues: await readLastValues(tx) })
    return { manifest, pieces: pieces(), end }
}

async function writeFile(
    file: string,
    archive: ReadableStream<Uint8Array>,
    signal: AbortSignal | undefined,
): Promise<{ bytes: number; sha256: string }> {
    const hash = createHash("sha256")
    let bytes = 0
    const counting = async function* () {
        for await (const part of archive) {
            hash.update(part)
            bytes += part.length
            yield part
        }
    }
    const target = fs.createWriteStream(file, { mode: 0o600, flags: "wx", flush: true })
    await pipeline(Readable.from(counting()), target, { signal })
    return { bytes, sha256: hash.digest("hex") }
}

/** Best effort: not every share can sync a folder. */
async function sync(folder: string): Promise<void> {
    const handle = await fs.promises.open(folder, "r")
    try {
        await handle.sync().catch(() => undefined)
    } finally {
        await handle.close()
    }
}

const exists = (file: string): Promise<boolean> =>
    fs.promises.access(file).then(
        () => true,
        () => false,
    )
