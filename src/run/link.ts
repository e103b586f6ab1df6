/**
 * `tocsin link MAIL`: a new sign-in link for a person of the operator, by whoever has the database and the key.
 *
 * No route gives one person a link for another: that would let one be two. It is on record that a link was issued.
 */
import type { Command } from "commander"
import { refuse } from "../lib/refusal.ts"
import { openLog } from "../platform/log.ts"
import { issueCredential, personsOf } from "../trust/identity/actions.ts"
import {
    type ProgramFlags,
    mustHoldCluster,
    onDatabase,
    openProgram,
    settingsFrom,
    withProgramFlags,
} from "./program.ts"

interface Flags extends ProgramFlags {
    readonly consoleOrigin?: string
    readonly json?: boolean
}

export function linkCommand(program: Command): void {
    const command = program
        .command("link <mail>")
        .description(
            "a new sign-in link for a person of the operator; of a private database while no server runs on it",
        )
    withProgramFlags(command)
        .option("--console-origin <url>", "where people reach the console")
        .option("--json", "one JSON object")
        .action(runLink)
}

async function runLink(mail: string, { json = false, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    mustHoldCluster(settings)
    const log = openLog("warn")
    await onDatabase(settings, log, async ({ url }) => {
        const doors = await openProgram(settings, { url, log })
        try {
            const { name, secret } = await doors.db.transaction(async (tx) => {
                const now = await doors.clock.now(tx)
                const act = { tx, now, doors, actor: { kind: "system", step: "link" } } as const
                const people = await personsOf(act, null)
                const person = people.find((one) => one.leftAt === null && one.mail === mail)
                if (!person) refuse("missing", "link.unknown_person", "no person of the operator has this address")
                return { name: person.name, secret: await issueCredential(act, person.id, "link") }
            })
            const link = `${settings.consoleOrigin}/sign-in#${secret}`
            process.stdout.write(`${json ? JSON.stringify({ name, mail, link }) : link}\n`)
        } finally {
            await doors.db.close()
        }
    })
}
