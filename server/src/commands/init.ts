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
import { assertNewKeyFile, createKeyFile, keyFromText, newKeyText } from "../platform/crypto/keys.ts"
import { openLog, silentLog } from "../platform/log/log.ts"
import { noMail } from "../platform/mail/mail.ts"
import { isMigrated, migrate } from "../platform/postgres/migrate.ts"
import { hasCluster } from "../platform/postgres/postgres-home.ts"
import type { Settings } from "../platform/config/settings.ts"
import { type ActionContext, hasAnyEvent } from "../kernel/action-context.ts"
import type { OperatorRole } from "../kernel/actor.ts"
import { addPerson } from "../trust/identity/actions/manage-people.ts"
import { issueCredential } from "../trust/identity/actions/sign-in.ts"
import { validatePerson } from "../trust/identity/person.ts"
import { installPack, packByName } from "../share/entitlement/actions/manage-policies.ts"
import type { Pack } from "../share/entitlement/pack.ts"
import { packs } from "../share/entitlement/packs/shipped.ts"
import { makeRootKey } from "../platform/crypto/root-key.ts"
import { openKey } from "./key.ts"
import { type LockFlags, areCountsPaired, lockText, withLockFlags } from "./lock-key.ts"
import { openSecretReader } from "./secret-reader.ts"
import { buildServices } from "./services.ts"
import { type ProgramFlags, withDatabase, connectTo, settingsFrom, withProgramFlags } from "./processes.ts"

/** Roles of the two: the first requests and the second signs, beginning with a third staff member. */
const rolesOfFirstTwo: readonly (readonly OperatorRole[])[] = [
    ["admin", "author", "manager", "investigator"],
    ["admin", "approver", "auditor"],
]

interface InitOptions {
    readonly settings: Settings
    readonly pack: Pack
    readonly lock: LockFlags
}

interface NamedPerson {
    readonly name: string
    readonly mail: string
}

interface Operator extends NamedPerson {
    readonly roles: readonly OperatorRole[]
}

interface EnrolledStaff extends Operator {
    /** A sign-in link for one use. */
    readonly link: string
}

interface Flags extends ProgramFlags, LockFlags {
    readonly operator?: readonly NamedPerson[]
    readonly pack: string
    readonly json?: boolean
}

/** Adds `tocsin init` to the program. */
export function initCommand(program: Command): void {
    const command = program
        .command("init")
        .description("Set up a program: database, key file, policies, and its first two staff members")
    withLockFlags(withProgramFlags(command))
        .option("--console-origin <url>", "where operators reach the console; the links begin with it")
        .option("--operator <person>", "`Name <mail>`, twice: the requester, then the signer", parsePerson)
        .option("--pack <name>", `the sharing policy: ${packs.map((pack) => pack.name).join(", ")}`, "three-tier")
        .option("--json", "one JSON object")
        .action(async ({ operator = [], pack, json = false, ...flags }: Flags) => {
            if (operator.length !== 2) {
                command.error('error: name two people: --operator "Name <mail>" --operator "Name <mail>"')
            }
            const { passphrase = false, shares } = flags
            if (!areCountsPaired(flags) || (passphrase && shares !== undefined) || (json && shares !== undefined))
                command.error("error: give --passphrase, or --shares with --needed and without --json, or no lock")
            const settings = settingsFrom(flags)
            if (settings.keyCommand !== null && (passphrase || shares !== undefined))
                command.error("error: `keyCommand` gives the key, so there is no key file to lock")
            await runInit({ settings, pack: packByName(pack), lock: flags }, operator, json)
        })
}

function parsePerson(text: string, earlier: readonly NamedPerson[] = []): readonly NamedPerson[] {
    const [, name, mail] = /^\s*([^<>]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text) ?? []
    if (name === undefined || mail === undefined) throw new InvalidArgumentError("Write it `Name <mail>`.")
    return [...earlier, { name, mail }]
}

async function runInit(options: InitOptions, namedPeople: readonly NamedPerson[], json: boolean): Promise<void> {
    const people = namedPeople.map((person, i): Operator => ({ ...person, roles: rolesOfFirstTwo[i] ?? [] }))
    for (const operator of people) validatePerson({ ...operator, partner: null })
    assertTwoPeople(people)
    const operators = await createProgram(options, people)
    const { keyFile } = options.settings
    process.stdout.write(json ? `${JSON.stringify({ keyFile, operators })}\n` : summaryText(options, operators))
}

interface NewKey {
    readonly text: string
    /** For the key file: the key, or the key with a lock. */
    readonly fileText: string
}

/** Makes a key, and locks it before it is on any disk. */
async function makeKey(lock: LockFlags): Promise<NewKey> {
    const text = newKeyText()
    if (!isLocked(lock)) return { text, fileText: text }
    const reader = openSecretReader()
    try {
        return { text, fileText: await lockText(reader, text, lock) }
    } finally {
        reader.close()
    }
}

const isLocked = ({ passphrase = false, shares }: LockFlags): boolean => passphrase || shares !== undefined

function summaryText(
    { settings: { keyFile, keyCommand }, lock }: InitOptions,
    operators: readonly EnrolledStaff[],
): string {
    const [first, second] = operators.map(({ name }) => name)
    return [
        ...(keyCommand !== null
            ? []
            : [
                  `The key file is ${keyFile}`,
                  "Keep a copy of it away from the data: without it, the database cannot be read.",
                  ...(isLocked(lock) ? ["It is locked: run `tocsin unlock` after each start of `tocsin serve`."] : []),
                  "",
              ]),
        "Sign-in links, each for one use within three days, once `tocsin serve` runs:",
        ...operators.flatMap(({ name, roles, link }) => [`  ${name} (${roles.join(", ")})`, `    ${link}`]),
        "",
        `${first} requests and ${second} signs what takes two people, such as adding anyone but auditors.`,
        "A person added by one of them cannot sign for the other.",
        "",
    ].join("\n")
}

/** Refuses `init.same_person`: two accounts of one person would void second signatures. */
function assertTwoPeople([first, second]: readonly NamedPerson[]): void {
    const same = (a = "", b = "") => a.toLowerCase() === b.toLowerCase()
    if (same(first?.mail, second?.mail) || same(first?.name, second?.name)) {
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

async function createProgram(options: InitOptions, people: readonly Operator[]): Promise<EnrolledStaff[]> {
    const { settings, lock } = options
    const { databaseUrl, dataDir, keyFile } = settings
    if (settings.keyCommand === null) assertNewKeyFile(keyFile, dataDir)
    const isNew = databaseUrl === null && !hasCluster(dataDir)
    const hadFolder = fs.existsSync(dataDir)
    const progress: Progress = { isOurs: false, hasKey: false, isDone: false }
    try {
        return await withDatabase(settings, openLog("warn"), async ({ url }) => {
            const db = await connectTo(url)
            try {
                // Before people get shares of a new key.
                if (isLocked(lock) && (await db.transaction(hasProgram))) refuseProgram()
                progress.isOurs = isNew
                const newKey = settings.keyCommand === null ? await makeKey(lock) : null
                const enrolled = await db.transaction((tx) =>
                    createProgramIn(tx, db, { ...options, people, newKey, progress }),
                )
                progress.isDone = true
                return enrolled
            } catch (error) {
                // A commit with a lost answer can have succeeded. The key is then still needed.
                const mustKeepKey = !isNew && (await db.transaction(hasProgram).catch(() => true))
                if (progress.hasKey && !mustKeepKey) fs.rmSync(keyFile, { force: true })
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

const hasProgram = async (tx: Tx): Promise<boolean> => (await isMigrated(tx)) && (await hasAnyEvent(tx))

function refuseProgram(): never {
    refuse("conflict", "init.already_initialised", "a program exists here already: use it, or choose another database")
}

interface ProgramCreation extends InitOptions {
    readonly people: readonly Operator[]
    /** Null: a command gives the key. */
    readonly newKey: NewKey | null
    readonly progress: Progress
}

async function createProgramIn(
    tx: Tx,
    db: Db,
    { settings, pack, people, newKey, progress }: ProgramCreation,
): Promise<EnrolledStaff[]> {
    const { keyFile, dataDir, consoleOrigin } = settings
    await migrate({ transaction: (work) => work(tx) })
    if (await hasAnyEvent(tx)) refuseProgram()
    progress.isOurs = true
    if (newKey !== null) {
        createKeyFile(keyFile, dataDir, newKey.fileText)
        progress.hasKey = true
    }
    const parts = {
        keys: await makeRootKey(tx, newKey === null ? await openKey(settings) : keyFromText(newKey.text, keyFile)),
        clock: databaseClock,
        mail: noMail,
        log: silentLog,
        receiptsIntervalMs: 0,
    }
    const services = buildServices(db, parts)
    const ctx: ActionContext = {
        tx,
        now: await services.clock.now(tx),
        services,
        actor: { kind: "system", component: "init" },
    }
    await installPack(ctx, pack)
    const enrolled: EnrolledStaff[] = []
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
