/** Runs `tocsin restore FILE`: fills an empty database from a backup. The program then starts in quarantine. */
import type { Command } from "commander"
import { loadOpeners } from "@tocsin/client/commands/identity"
import { realWorld } from "@tocsin/client/commands/connection"
import { agePlugins } from "@tocsin/client/commands/age-plugins"
import { highWaterPath } from "../kernel/high-water.ts"
import { findRootKey } from "../platform/crypto/root-key.ts"
import { openKey } from "./key.ts"
import { openLog } from "../platform/log/log.ts"
import { restoreBackup } from "../trust/continuity/backups/actions/restore-backup.ts"
import { refuse } from "@tocsin/base/refusal"
import { stopSignal } from "./stop.ts"
import { type ProgramFlags, settingsFrom, withDatabase, withProgramFlags } from "./processes.ts"

interface Flags extends ProgramFlags {
    readonly identity: string
    readonly json?: boolean
}

/** Adds `tocsin restore` to the program. */
export function restoreCommand(program: Command): void {
    withProgramFlags(
        program
            .command("restore <file>")
            .description(
                "Fill an empty database from a backup. No partner is served until two people end the quarantine.",
            ),
    )
        .requiredOption("--identity <file>", "the age identity that opens the backup")
        .option("--json", "print one JSON object")
        .action(runRestore)
}

async function runRestore(file: string, { identity, json = false, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    const key = await openKey(settings)
    const openers = await loadOpeners(identity, { ...realWorld, plugins: agePlugins(process.env) })
    const signal = stopSignal()
    const restoring = withDatabase(settings, openLog("warn"), ({ url }) =>
        restoreBackup({ databaseUrl: url, keysOf: (rows) => findRootKey(rows, key) }, file, openers, signal),
    )
    const { manifest, rows, skipped } = await restoring.catch((error: unknown) => {
        if (signal.aborted)
            refuse("conflict", "restore.stopped", "stopped, and the database is empty as before: run it again")
        throw error
    })
    const { takenAt, auditLog } = manifest
    if (json) {
        process.stdout.write(`${JSON.stringify({ takenAt, rows, auditLog: auditLog?.size ?? 0, skipped })}\n`)
        return
    }
    process.stdout.write(
        [
            `Restored the database of ${takenAt}: ${rows} rows, audit log ${auditLog?.size ?? 0}`,
            ...(skipped.length === 0 ? [] : [`Not restored, because they are not Tocsin's: ${skipped.join(", ")}`]),
            `Now put the newest high-water file at ${highWaterPath(settings.keyFile)}, if you have it, and start`,
            "`tocsin serve`. It serves no partner until two people end the quarantine in the console.",
            ...(manifest.rootKeys === undefined || manifest.rootKeys.length < 2
                ? []
                : ["A former key opens this database too: run `tocsin rotate-key --finish` with the newest key."]),
            "",
        ].join("\n"),
    )
}
