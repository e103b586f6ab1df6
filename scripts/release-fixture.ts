/**
 * `node scripts/release-fixture.ts` keeps a small database of this version for the test of later upgrades:
 * `test/fixtures/releases/VERSION.age`, a backup of the demonstration by this version's own commands, and
 * `VERSION.json` with its secrets, and with what this version answers. The secrets open nothing else.
 * `node scripts/release-fixture.ts NAME` names the files otherwise.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { type RunningCommand, runTocsin, startTocsin } from "../test/support/command.ts"

const root = path.join(import.meta.dirname, "..")
const migrationsFolder = path.join(root, "server/migrations")
/** Six days before publication: two waves are released, and partners have copies. */
const clock = "2025-07-02T00:00:00Z"

/** The file that `tocsin demo --credentials` writes. */
interface Credentials {
    readonly console: string
    readonly portal: string
    readonly operators: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly partners: readonly {
        readonly partner: string
        readonly roles: readonly string[]
        readonly token: string
        readonly identity: string
    }[]
}

interface Reader {
    readonly token: string
    readonly partner: string
    readonly identity: string
}

export interface ReleaseFixture {
    /** The program time of the answers. */
    readonly clock: string
    /** The SHA-256 of each migration: none may change. */
    readonly migrations: Readonly<Record<string, string>>
    /** Of the key file. */
    readonly key: string
    /** Opens the backup. */
    readonly identity: string
    readonly staff: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly lead: Reader
    /** The lead of a partner whose wave is not due. */
    readonly early: Reader
    /** The lead of a partner that got a copy of the same text before its suspension. */
    readonly suspended: Reader
    /** The answers of the released version. */
    readonly answers: {
        readonly cases: readonly string[]
        readonly partners: readonly string[]
        readonly warnings: readonly {
            readonly id: string
            readonly title: string
            readonly artifacts: readonly { readonly id: string; readonly available: boolean }[]
        }[]
        /** The lead's marked copy, opened. */
        readonly copy: { readonly artifact: string; readonly sha256: string }
        /** The id of its receipt, and the proof. */
        readonly receipt: { readonly id: string; readonly text: string }
        readonly inquiries: readonly string[]
    }
}

async function request(address: string, token: string, body?: object): Promise<Response> {
    const answer = await fetch(address, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`)
    return answer
}

const readJson = async <T>(...args: Parameters<typeof request>): Promise<T> =>
    (await (await request(...args)).json()) as T

type Readers = Pick<ReleaseFixture, "staff" | "lead" | "early" | "suspended">

async function findReaders({ console, operators, partners }: Credentials): Promise<Readers> {
    const staff = operators.map(({ roles, token }) => ({ roles, token }))
    const url = `${console}/api/partners`
    const { partners: listed } = await readJson<{ partners: Named[] }>(url, tokenOf({ staff }, "manager"))
    const leadOf = (name: string) => {
        const { token, identity } =
            partners.find(({ partner, roles }) => partner === name && roles.includes("lead")) ?? throwMissing(name)
        return { token, partner: listed.find((each) => each.name === name)?.id ?? throwMissing(name), identity }
    }
    const [lead, early] = [leadOf("Halcyon Sensor Works"), leadOf("Copperline Networks")]
    return { staff, lead, early, suspended: leadOf("Fernwood Threat Lab") }
}

/** Returns the token of a staff member with this role. */
export const tokenOf = ({ staff }: Pick<ReleaseFixture, "staff">, role: string): string =>
    staff.find(({ roles }) => roles.includes(role))?.token ?? throwMissing(role)

interface Named {
    readonly id: string
    readonly name: string
}

/** Opens a second case and an inquiry, and suspends a partner. */
async function addRecords({ console, portal }: Credentials, readers: Readers): Promise<void> {
    const author = tokenOf(readers, "author")
    const { cases } = await readJson<{ cases: Named[] }>(`${console}/api/cases`, author)
    await request(`${console}/api/cases`, author, { title: "A case without a wave", vulnerabilities, finder: "us" })
    const inquiry = { case: cases[0]?.id, title: "A leaked text", members: [], excluded: [] }
    await request(`${console}/api/inquiries`, tokenOf(readers, "investigator"), inquiry)
    await readFirstCopy(portal, readers.suspended.token)
    const measure = { kind: "interim_suspension", partner: readers.suspended.partner, reason: "A copy was found." }
    await request(`${console}/api/measures`, tokenOf(readers, "manager"), measure)
}

/** Reads a copy of the first text that is there. */
async function readFirstCopy(portal: string, token: string) {
    const { warnings } = await readJson<ReleaseFixture["answers"]>(`${portal}/api/warnings`, token)
    const [artifact] = warnings[0]?.artifacts.filter(({ available }) => available) ?? []
    if (artifact === undefined) throwMissing("artifact")
    const answer = await request(`${portal}/api/artifacts/${artifact.id}/copy`, token)
    return { warnings, artifact: artifact.id, answer }
}

const vulnerabilities = [
    {
        cve: "CVE-2025-53770",
        cwe: "CWE-502",
        products: [],
        score: 9.8,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    },
]

/** Reads what the upgraded version must answer too. */
async function readAnswers({ console, portal }: Credentials, readers: Readers): Promise<ReleaseFixture["answers"]> {
    const { lead } = readers
    const author = tokenOf(readers, "author")
    const { cases } = await readJson<{ cases: { title: string }[] }>(`${console}/api/cases`, author)
    const { partners } = await readJson<{ partners: Named[] }>(`${console}/api/partners`, author)
    const investigator = tokenOf(readers, "investigator")
    const { inquiries } = await readJson<{ inquiries: { title: string }[] }>(`${console}/api/inquiries`, investigator)
    const { warnings, artifact, answer } = await readFirstCopy(portal, lead.token)
    const age = new Decrypter()
    age.addIdentity(lead.identity)
    const receipt = answer.headers.get("tocsin-receipt") ?? throwMissing("receipt")
    const copy = await age.decrypt(new Uint8Array(await answer.arrayBuffer()))
    return {
        cases: cases.map(({ title }) => title),
        partners: partners.map(({ name }) => name).toSorted(),
        warnings: warnings.map(({ id, title, artifacts }) => ({
            id,
            title,
            artifacts: artifacts.map(({ id: artifactId, available }) => ({ id: artifactId, available })),
        })),
        copy: { artifact, sha256: createHash("sha256").update(copy).digest("hex") },
        receipt: { id: receipt, text: await readReceipt(`${portal}/api/receipts/${receipt}`, lead.token) },
        inquiries: inquiries.map(({ title }) => title),
    }
}

/** Waits for the next batch of receipts. */
async function readReceipt(address: string, token: string): Promise<string> {
    for (let n = 0; n < 60; n++) {
        const answer = await readJson<{ receipt: string }>(address, token).catch(() => null)
        if (answer !== null) return answer.receipt
        await pause(1_000)
    }
    return throwMissing("published receipt")
}

function throwMissing(what: string): never {
    throw new Error(`the demonstration has no ${what}`)
}

function hashMigrations(): Record<string, string> {
    const names = fs.readdirSync(migrationsFolder).filter((name) => /^\d{4}-/.test(name))
    const hashOf = (name: string) =>
        createHash("sha256")
            .update(fs.readFileSync(path.join(migrationsFolder, name)))
            .digest("hex")
    return Object.fromEntries(names.toSorted().map((name) => [name, hashOf(name)]))
}

async function writeFixture(home: string, demo: RunningCommand, base: string): Promise<void> {
    const file = path.join(home, "credentials.json")
    const credentials = JSON.parse(fs.readFileSync(file, "utf8")) as Credentials
    const readers = await findReaders(credentials)
    await addRecords(credentials, readers)
    const answers = await readAnswers(credentials, readers)
    const keyFile = path.join(home, "demo-secrets/key")
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    const own = ["--data", path.join(home, "demo"), "--key-file", keyFile]
    const backup = await runTocsin(home, ["backup", ...own, "--recipient", recipient, "--out", `${base}.age`])
    if (backup.code !== 0) throw new Error(backup.err)
    await demo.end("SIGTERM")
    const key = fs.readFileSync(keyFile, "utf8").trim()
    const fixture: ReleaseFixture = { clock, migrations: hashMigrations(), key, identity, ...readers, answers }
    fs.writeFileSync(`${base}.json`, `${JSON.stringify(fixture, null, 4)}\n`)
}

if (import.meta.main) {
    const { version: released } = JSON.parse(fs.readFileSync(path.join(root, "server/package.json"), "utf8")) as {
        version: string
    }
    const version = process.argv[2] ?? released
    const folder = path.join(root, "test/fixtures/releases")
    fs.mkdirSync(folder, { recursive: true })
    if (fs.existsSync(path.join(folder, `${version}.age`)))
        throw new Error(`${version} has its files: never replace them`)
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-release-"))
    fs.chmodSync(home, 0o755)
    const data = ["--data", path.join(home, "demo"), "--credentials", path.join(home, "credentials.json")]
    const ports = ["--console-port", "0", "--portal-port", "0"]
    const demo = await startTocsin(home, ["demo", "--no-history", "--clock", clock, ...data, ...ports])
    await writeFixture(home, demo, path.join(folder, version))
    fs.rmSync(home, { recursive: true })
}
