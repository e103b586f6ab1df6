/**
 * Runs `tocsin export`: writes the whole audit log to a file for `tocsin verify`. It needs the database and the key.
 */
import { randomUUID } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { pipeline } from "node:stream/promises"
import type { Command } from "commander"
import { openLog } from "../platform/log/log.ts"
import { exportAuditLog } from "../trust/audit-log/actions/export-log.ts"
import { sequenceEventsJob } from "../trust/audit-log/actions/sequence-leaves.ts"
import { assertWritable } from "./output.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    withRunningDatabase,
    openProgram,
    settingsFrom,
    withProgramFlags,
} from "./processes.ts"

interface Flags extends ProgramFlags {
    readonly out?: string
    readonly json?: boolean
}

/** Adds `tocsin export` to the program. */
export function exportCommand(program: Command): void {
    const command = program.command("export").description("Write the whole audit log, for `tocsin verify`.")
    withProgramFlags(command)
        .option("--out <file>", "write the complete file here (default: standard output)")
        .option("--json", "with --out: print a summary as one JSON object")
        .action(runExport)
}

async function runExport({ out, json = false, ...flags }: Flags): Promise<void> {
    if (out !== undefined) assertWritable(out)
    const settings = settingsFrom(flags)
    assertHasCluster(settings)
    const log = openLog("warn")
    await withRunningDatabase(settings, log, async (url) => {
        const services = await openProgram(settings, { url, log })
        try {
            while (await sequenceEventsJob.run(services)) continue
            const lines = await services.db.transaction(async (tx) => {
                const now = await services.clock.now(tx)
                return await exportAuditLog({ tx, now, services, actor: { kind: "system", component: "export" } })
            })
            if (out === undefined) await toStandardOutput(lines)
            else await writeAtomically(out, lines)
            if (out !== undefined && json) process.stdout.write(`${JSON.stringify(summaryOf(out))}\n`)
        } finally {
            await services.db.close()
        }
    })
}

function summaryOf(file: string): { readonly file: string; readonly bytes: number } {
    return { file: path.resolve(file), bytes: fs.statSync(file).size }
}

async function writeAtomically(file: string, lines: AsyncIterable<string>): Promise<void> {
    const draft = `${file}.${randomUUID()}.part`
    try {
        await pipeline(lines, fs.createWriteStream(draft, { mode: 0o600, flags: "wx", flush: true }))
        fs.renameSync(draft, file)
    } finally {
        fs.rmSync(draft, { force: true })
    }
}

/** Accepts a reader that stops early, as in `tocsin export | head`. Such output is incomplete. */
async function toStandardOutput(lines: AsyncIterable<string>): Promise<void> {
    try {
        await pipeline(lines, process.stdout, { end: false })
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error
        process.exitCode = 1
    }
}
