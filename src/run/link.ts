/**
 * `tocsin link MAIL`: a new sign-in link for a person of the operator, by whoever has the database and the key.
 *
 * No route gives one person a link for another: that would let one be two. It is on record that a link was issued.
 * Where nobody is left who could sign for an admin, `--approver NAME` adds that person first, for nobody else could.
 */
import type { Command } from "commander"
import { refuse } from "../lib/refusal.ts"
import { openLog } from "../platform/log.ts"
import { addLackingApprover } from "../trust/approvals/actions/joining.ts"
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
    readonly approver?: string
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
        .option("--approver <name>", "adds this person, as an approver, where nobody is left who could sign")
        .option("--json", "one JSON object")
        .action(runLink)
}

async function runLink(mail: string, { json = false, approver, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    mustHoldCluster(settings)
    const log = openLog("warn")
    await onDatabase(settings, log, async ({ url }) => {
        const doors = await openProgram(settings, { url, log })
        try {
            const { name, secret } = await doors.db.transaction(async (tx) => {
                const now = await doors.clock.now(tx)
                const act = { tx, now, doors, actor: { kind: "system", step: "link" } } as const
                if (approver !== undefined) await addLackingApprover(act, { name: approver, mail })
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
