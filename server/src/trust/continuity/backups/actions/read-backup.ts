/** Reads a backup to its end, and checks it. */
import fs from "node:fs"
import { Readable } from "node:stream"
import type { Opener } from "@tocsin/client/open"
import { refuse } from "@tocsin/base/refusal"
import { rowsIn } from "../../../../platform/postgres/whole-tables.ts"
import { type KeysOf, type Manifest, readArchive } from "./archive.ts"

export interface CheckedBackup {
    readonly manifest: Manifest
    /** Of all tables. */
    readonly rows: number
}

/** Opens a file for `readArchive`. Refuses `backup.no_file`. */
export async function openFile(file: string): Promise<ReadableStream<Uint8Array>> {
    try {
        const handle = await fs.promises.open(file)
        return Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>
    } catch {
        return refuse("missing", "backup.no_file", `\`${file}\` cannot be read: check the path`)
    }
}

/**
 * Decrypts the whole file, and compares the rows of each table with what it says. `keysOf` null: does not check whose
 * backup it is. Refuses what `readArchive` refuses, and `backup.damaged`.
 */
export async function checkBackup(
    file: string,
    openers: readonly Opener[],
    keysOf: KeysOf | null,
    signal?: AbortSignal,
): Promise<CheckedBackup> {
    const manifests: Manifest[] = []
    const counts = new Map<string, number>()
    const end = await readArchive(await openFile(file), openers, keysOf, {
        begin: async (manifest) => void manifests.push(manifest),
        take: async ({ table, rows }) => {
            signal?.throwIfAborted()
            for await (const part of rows) counts.set(table, (counts.get(table) ?? 0) + rowsIn(part))
        },
    })
    assertRows(end.rows, counts)
    const [manifest] = manifests
    if (manifest === undefined) throw new Error("a backup without a manifest was read")
    return { manifest, rows: [...counts.values()].reduce((sum, rows) => sum + rows, 0) }
}

/** Refuses `backup.damaged` where a table has other rows than the backup says. */
export function assertRows(claimed: Readonly<Record<string, number>>, counts: ReadonlyMap<string, number>): void {
    const differs = Object.entries(claimed).find(([table, rows]) => (counts.get(table) ?? 0) !== rows)
    if (differs) {
        refuse(
            "invalid",
            "backup.damaged",
            `table \`${differs[0]}\` has other rows than the backup says: use another one`,
        )
    }
}
