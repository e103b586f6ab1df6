/**
 * Runs `tocsin sign-in-link MAIL`: issues a sign-in link to a staff member, or with `--partner ID` to a person on a
 * partner's roster. It needs the database and the key. No route lets one person issue a link for another, because that
 * person could then act as two. The audit log records the link. The person's passkeys, sessions and tokens end, because
 * a device may be lost. With `--approver NAME`, first adds that person as an approver, where none is left.
 */
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { openLog } from "../platform/log/log.ts"
import { addMissingApprover } from "../trust/approvals/actions/add-staff.ts"
import { issueCredential } from "../trust/identity/actions/sign-in.ts"
import { endAllSignIns } from "../trust/identity/actions/end-sign-ins.ts"
import { listPeople } from "../trust/identity/actions/load-people.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    withRunningDatabase,
    openProgram,
    settingsFrom,
    withProgramFlags,
} from "./processes.ts"

interface Flags extends ProgramFlags {
    readonly consoleOrigin?: string
    readonly portalOrigin?: string
    readonly partner?: string
    readonly approver?: string
    readonly json?: boolean
}

/** Adds `tocsin sign-in-link` to the program. */
export function linkCommand(program: Command): void {
    const command = program
        .command("sign-in-link <mail>")
        .description("Create a sign-in link for a staff member, or with `--partner` for a partner's person")
    withProgramFlags(command)
        .option("--console-origin <url>", "where people reach the console")
        .option("--portal-origin <url>", "where partners reach the portal")
        .option("--partner <id>", "sign in a person of this partner; the audit log records it")
        .option("--approver <name>", "add this person as an approver, if no approver is left")
        .option("--json", "one JSON object")
        .action(runLink)
}

async function runLink(mail: string, { json = false, approver, partner, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    assertHasCluster(settings)
    const log = openLog("warn")
    await withRunningDatabase(settings, log, async (url) => {
        const services = await openProgram(settings, { url, log })
        try {
            const { name, secret } = await services.db.transaction(async (tx) => {
                const now = await services.clock.now(tx)
                const ctx = { tx, now, services, actor: { kind: "system", component: "link" } } as const
                if (approver !== undefined) await addMissingApprover(ctx, { name: approver, mail })
                const people = await listPeople(ctx, validateId(partner))
                const person = people.find((person) => person.leftAt === null && person.mail === mail)
                if (!person)
                    refuse(
                        "missing",
                        "link.person_not_found",
                        "no staff member has this address: for a partner's person, add `--partner ID`",
                    )
                await endAllSignIns(ctx, person.id)
                return { name: person.name, secret: await issueCredential(ctx, person.id, "link") }
            })
            const origin = partner === undefined ? settings.consoleOrigin : settings.portalOrigin
            const link = `${origin}/sign-in#${secret}`
            process.stdout.write(`${json ? JSON.stringify({ name, mail, link }) : link}\n`)
        } finally {
            await services.db.close()
        }
    })
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Null selects staff. */
function validateId(partner: string | undefined): string | null {
    if (partner === undefined) return null
    if (!uuid.test(partner)) refuse("invalid", "link.bad_partner", `\`${partner.slice(0, 40)}\` is not a partner id`)
    return partner
}
