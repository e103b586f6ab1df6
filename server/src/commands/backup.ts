/**
 * Runs `tocsin backup`: writes the whole database, encrypted, into a file, while the server runs.
 * `tocsin backup verify FILE` reads one back.
 */
import fs from "node:fs"
import path from "node:path"
import type { Command } from "commander"
import { formatInstant } from "@tocsin/base/instant"
import { loadOpeners } from "@tocsin/client/commands/identity"
import { realWorld } from "@tocsin/client/commands/connection"
import { agePlugins } from "@tocsin/client/commands/age-plugins"
import { findRootKey } from "../platform/crypto/root-key.ts"
import { openKey } from "./key.ts"
import { realNow } from "../platform/time/clock.ts"
import { openLog } from "../platform/log/log.ts"
import { checkBackup } from "../trust/continuity/backups/actions/read-backup.ts"
import { assertRecipients, makeBackup } from "../trust/continuity/backups/actions/make-backup.ts"
import { fileNameAt } from "../trust/continuity/backups/plan.ts"
import { refuse } from "@tocsin/base/refusal"
import { assertWritable } from "./output.ts"
import { stopSignal } from "./stop.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    openProgram,
    settingsFrom,
    withProgramFlags,
    withRunningDatabase,
} from "./processes.ts"

interface Flags extends ProgramFlags {
    readonly out?: string
    readonly recipient?: readonly string[]
    readonly json?: boolean
}

interface VerifyFlags extends ProgramFlags {
    readonly identity: string
    readonly json?: boolean
}

/** Adds `tocsin backup` to the program. */
export function backupCommand(program: Command): void {
    const command = program
        .command("backup")
        .description("Write the whole database into an encrypted file, while the server runs, and read it back")
    withProgramFlags(command)
        .option("--out <file>", "a new file (default: a name with the time, in the folder of `backupFolder`)")
        .option("--recipient <recipient>", "`age1…`, an age recipient of the operators; can be repeated", collect)
        .option("--json", "print one JSON object")
        .action(runBackup)
    withProgramFlags(
        command.command("verify <file>").description("Read a backup to its end, and check that it is whole and ours"),
    )
        .requiredOption("--identity <file>", "the age identity that opens it")
        .option("--json", "print one JSON object")
        .action(runVerify)
}

const collect = (recipient: string, earlier: readonly string[] = []): readonly string[] => [...earlier, recipient]

async function runBackup({ out, recipient, json = false, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    const recipients = recipient ?? settings.backupRecipients?.split(",") ?? []
    await assertRecipients(recipients)
    const file = out ?? fileIn(settings.backupFolder)
    assertWritable(file)
    assertHasCluster(settings)
    const log = openLog("warn")
    const signal = stopSignal()
    const making = withRunningDatabase(settings, log, async (url) => {
        const services = await openProgram(settings, { url, log })
        try {
            const { sha256, bytes, takenAt, auditLog } = await makeBackup(
                services,
                { databaseUrl: url, recipients },
                file,
                { signal },
            )
            const facts = { file: path.resolve(file), bytes, sha256, takenAt: formatInstant(takenAt), auditLog }
            if (json) process.stdout.write(`${JSON.stringify(facts)}\n`)
            else process.stdout.write(`Wrote and read back ${facts.file}, ${bytes} bytes\nSHA-256 ${sha256}\n`)
        } finally {
            await services.db.close()
        }
    })
    await making.catch((error: unknown) => refuseIfInterrupted(error, signal))
}

function refuseIfInterrupted(error: unknown, signal: AbortSignal): never {
    if (signal.aborted) refuse("conflict", "backup.stopped", "stopped, and no backup was written: run it again")
    if (error instanceof Error && isDatabaseLost(error)) {
        refuse("unavailable", "backup.database_lost", "PostgreSQL stopped during the backup: start the backup again")
    }
    throw error
}

/** PostgreSQL's codes for a server that stops, and the message of a connection that it ended. */
const isDatabaseLost = (error: Error): boolean =>
    ("code" in error && /^57P0|^ECONNRE/.test(String(error.code))) || error.message.startsWith("Connection terminated")

function fileIn(folder: string | null): string {
    if (folder === null) {
        refuse("invalid", "backup.no_folder", "there is no place for the backup: give `--out`, or set `backupFolder`")
    }
    return path.join(folder, fileNameAt(realNow()))
}

async function runVerify(file: string, { identity, json = false, ...flags }: VerifyFlags): Promise<void> {
    const settings = settingsFrom(flags)
    const key =
        flags.keyFile !== undefined || settings.keyCommand !== null || fs.existsSync(settings.keyFile)
            ? await openKey(settings)
            : null
    const openers = await loadOpeners(identity, { ...realWorld, plugins: agePlugins(process.env) })
    const { manifest, rows } = await checkBackup(file, openers, key && ((rows) => findRootKey(rows, key)))
    const { takenAt, auditLog, migrations } = manifest
    const facts = { takenAt, rows, auditLog: auditLog?.size ?? 0, schema: migrations.at(-1) ?? "", ours: key !== null }
    if (json) process.stdout.write(`${JSON.stringify(facts)}\n`)
    else {
        process.stdout.write(
            `The backup is whole. The database of ${takenAt}: ${rows} rows, audit log ${facts.auditLog}\n`,
        )
        process.stdout.write(
            key === null
                ? "Anyone could have written it: give the key file to check that this program did\n"
                : "This program wrote it\n",
        )
    }
}
