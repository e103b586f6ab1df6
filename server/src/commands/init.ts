/**
 * Runs `tocsin init`: makes a program with tables, key file, policy pack and two first staff members with sign-in
 * links. It is one transaction with its migrations. A failure leaves no new table, key file or data folder, so that it
 * can be run again.
 */
import fs from "node:fs"
import path from "node:path"
import { type Command, InvalidArgumentError } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { databaseClock } from "../platform/time/clock.ts"
import type { Db, Tx } from "../platform/postgres/db.ts"
import { createKeyFile, readKeyFile } from "../platform/crypto/keys.ts"
import { openLog, silentLog } from "../platform/log/log.ts"
import { noMail } from "../platform/mail/mail.ts"
import { isMigrated, migrate } from "../platform/postgres/migrate.ts"
import { hasCluster } from "../platform/postgres/postgres-home.ts"
import type { Settings } from "../platform/config/settings.ts"
import { type ActionContext, isFounded } from "../kernel/action-context.ts"
import type { OperatorRole } from "../kernel/actor.ts"
import { addPerson, issueCredential } from "../trust/identity/actions.ts"
import { validatePerson } from "../trust/identity/person.ts"
import { installPack, packNamed } from "../share/entitlement/actions/manage-policies.ts"
import type { Pack } from "../share/entitlement/pack.ts"
import { packs } from "../share/entitlement/packs/shipped.ts"
import { doorsOver } from "./services.ts"
import { type ProgramFlags, onDatabase, reach, settingsFrom, withProgramFlags } from "./processes.ts"

/** Roles of the two: the first requests and the second signs, beginning with a third staff member. */
const rolesOfFirstTwo: readonly (readonly OperatorRole[])[] = [
    ["admin", "author", "manager", "investigator"],
    ["admin", "approver", "auditor"],
]

interface Chosen {
    readonly settings: Settings
    readonly pack: Pack
}

interface Named {
    readonly name: string
    readonly mail: string
}

interface Operator extends Named {
    readonly roles: readonly OperatorRole[]
}

interface Enrolled extends Operator {
    /** A sign-in link for one use. */
    readonly link: string
}

interface Flags extends ProgramFlags {
    readonly operator?: readonly Named[]
    readonly pack: string
    readonly json?: boolean
}

/** Adds `tocsin init` to the program. */
export function initCommand(program: Command): void {
    const command = program
        .command("init")
        .description("Set up a program: database, key file, policies, and its first two staff members")
    withProgramFlags(command)
        .option("--console-origin <url>", "where operators reach the console; the links begin with it")
        .option("--operator <person>", "`Name <mail>`, twice: the requester, then the signer", parsePerson)
        .option("--pack <name>", `the sharing policy: ${packs.map((pack) => pack.name).join(", ")}`, "three-tier")
        .option("--json", "one JSON object")
        .action(async ({ operator = [], pack, json = false, ...flags }: Flags) => {
            if (operator.length !== 2) {
                command.error('error: name two people: --operator "Name <mail>" --operator "Name <mail>"')
            }
            await runInit({ settings: settingsFrom(flags), pack: packNamed(pack) }, operator, json)
        })
}

function parsePerson(text: string, before: readonly Named[] = []): readonly Named[] {
    const [, name, mail] = /^\s*([^<>]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text) ?? []
    if (name === undefined || mail === undefined) throw new InvalidArgumentError("Write it `Name <mail>`.")
    return [...before, { name, mail }]
}

async function runInit(on: Chosen, named: readonly Named[], json: boolean): Promise<void> {
    const people = named.map((item, i): Operator => ({ ...item, roles: rolesOfFirstTwo[i] ?? [] }))
    for (const operator of people) validatePerson({ ...operator, partner: null })
    validateTwo(people)
    const operators = await found(on, people)
    const { keyFile } = on.settings
    process.stdout.write(json ? `${JSON.stringify({ keyFile, operators })}\n` : inWords(keyFile, operators))
}

function inWords(keyFile: string, operators: readonly Enrolled[]): string {
    const [first, second] = operators.map(({ name }) => name)
    return [
        `The key file is ${keyFile}`,
        "Keep a copy of it away from the data: without it, the database cannot be read.",
        "",
        "Sign-in links, each for one use within three days, once `tocsin serve` runs:",
        ...operators.flatMap(({ name, roles, link }) => [`  ${name} (${roles.join(", ")})`, `    ${link}`]),
        "",
        `What takes two people, ${first} asks for and ${second} signs: to add more people, too, but for auditors.`,
        "Whoever was added by one of two cannot be the other's second person.",
        "",
    ].join("\n")
}

/** Refuses `init.same_person`: two accounts of one person would void second signatures. */
function validateTwo([item, other]: readonly Named[]): void {
    const same = (a = "", b = "") => a.toLowerCase() === b.toLowerCase()
    if (same(item?.mail, other?.mail) || same(item?.name, other?.name)) {
        refuse(
            "invalid",
            "init.same_person",
            "the two staff members must be two people with different names and addresses",
        )
    }
}

/** Progress so far, for undoing it. */
interface Progress {
    /** Set under the lock when no program existed, so that all tables are ours to remove. */
    isOurs: boolean
    hasKey: boolean
    isDone: boolean
}

async function found({ settings, pack }: Chosen, people: readonly Operator[]): Promise<Enrolled[]> {
    const { databaseUrl, dataDir, keyFile } = settings
    const isNew = databaseUrl === null && !hasCluster(dataDir)
    const hadFolder = fs.existsSync(dataDir)
    const progress: Progress = { isOurs: false, hasKey: false, isDone: false }
    try {
        return await onDatabase(settings, openLog("warn"), async ({ url }) => {
            const db = await reach(url)
            try {
                const enrolled = await db.transaction((tx) => listFoundIn(tx, db, { settings, pack, people, progress }))
                progress.isDone = true
                return enrolled
            } catch (error) {
                // A commit with a lost answer can have succeeded. The key is then still needed.
                const stays = !isNew && (await db.transaction(stands).catch(() => true))
                if (progress.hasKey && !stays) fs.rmSync(keyFile, { force: true })
                throw error
            } finally {
                await db.close()
            }
        })
    } catch (error) {
        if (isNew && progress.isOurs && !progress.isDone) removeCluster(dataDir, hadFolder)
        throw error
    }
}

const stands = async (tx: Tx): Promise<boolean> => (await isMigrated(tx)) && (await isFounded(tx))

interface Founding extends Chosen {
    readonly people: readonly Operator[]
    readonly progress: Progress
}

async function listFoundIn(tx: Tx, db: Db, { settings, pack, people, progress }: Founding): Promise<Enrolled[]> {
    const { keyFile, dataDir, consoleOrigin } = settings
    await migrate({ transaction: (work) => work(tx) })
    if (await isFounded(tx))
        refuse(
            "conflict",
            "init.already_initialised",
            "a program exists here already: use it, or choose another database",
        )
    progress.isOurs = true
    createKeyFile(keyFile, dataDir)
    progress.hasKey = true
    const parts = {
        keys: readKeyFile(keyFile, dataDir),
        clock: databaseClock,
        mail: noMail,
        log: silentLog,
        receiptsIntervalMs: 0,
    }
    const services = doorsOver(db, parts)
    const ctx: ActionContext = {
        tx,
        now: await services.clock.now(tx),
        services,
        actor: { kind: "system", step: "init" },
    }
    await installPack(ctx, pack)
    const enrolled: Enrolled[] = []
    for (const operator of people) {
        const person = await addPerson(ctx, { ...operator, partner: null })
        enrolled.push({ ...operator, link: `${consoleOrigin}/sign-in#${await issueCredential(ctx, person, "link")}` })
    }
    return enrolled
}

/**
 * Removes the cluster, with the folder where this command made it. As root, `postgres` can be a link to a folder that
 * PostgreSQL can read.
 */
function removeCluster(dataDir: string, hadFolder: boolean): void {
    const home = path.join(dataDir, "postgres")
    const real = fs.realpathSync(home)
    fs.rmSync(real, { recursive: true, force: true })
    fs.rmSync(home, { recursive: true, force: true })
    if (!hadFolder && fs.readdirSync(dataDir).length === 0) fs.rmdirSync(dataDir)
}
