/**
 * `node scripts/release-fixture.ts` keeps a small database of this version for the test of later upgrades:
 * `test/fixtures/releases/VERSION.age`, a backup of the demonstration by this version's own commands, and
 * `VERSION.json` with its secrets, and with what this version answers. The secrets open nothing else.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { type RunningCommand, runTocsin, startTocsin } from "../test/support/command.ts"

const root = path.join(import.meta.dirname, "..")
/** Six days before publication: two waves are released, and partners have copies. */
const clock = "2025-07-02T00:00:00Z"

/** The file that `tocsin demo --credentials` writes. */
interface Credentials {
    readonly console: string
    readonly portal: string
    readonly operators: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly partners: readonly {
        readonly roles: readonly string[]
        readonly token: string
        readonly identity: string
    }[]
}

export interface ReleaseFixture {
    /** The program time of the answers. */
    readonly clock: string
    /** Of the key file. */
    readonly key: string
    /** Opens the backup. */
    readonly identity: string
    readonly staff: readonly { readonly roles: readonly string[]; readonly token: string }[]
    readonly lead: { readonly token: string; readonly identity: string }
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
    }
}

async function read(address: string, token: string): Promise<Buffer> {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
}

/** Reads what the upgraded version must answer too. */
async function readAnswers({ console, portal, operators, partners }: Credentials): Promise<ReleaseFixture["answers"]> {
    const staff = operators.find(({ roles }) => roles.includes("author")) ?? throwMissing("author")
    const lead = partners.find(({ roles }) => roles.includes("lead")) ?? throwMissing("lead")
    const json = async (address: string, { token }: { readonly token: string }) =>
        JSON.parse((await read(address, token)).toString()) as never
    const { cases } = (await json(`${console}/api/cases`, staff)) as { cases: { title: string }[] }
    const { partners: listed } = (await json(`${console}/api/partners`, staff)) as { partners: { name: string }[] }
    const { warnings } = (await json(`${portal}/api/warnings`, lead)) as ReleaseFixture["answers"]
    const [artifact] = warnings[0]?.artifacts.filter(({ available }) => available) ?? []
    if (artifact === undefined) throwMissing("artifact")
    const age = new Decrypter()
    age.addIdentity(lead.identity)
    const copy = await age.decrypt(await read(`${portal}/api/artifacts/${artifact.id}/copy`, lead.token))
    return {
        cases: cases.map(({ title }) => title),
        partners: listed.map(({ name }) => name).toSorted(),
        warnings: warnings.map(({ id, title, artifacts }) => ({
            id,
            title,
            artifacts: artifacts.map(({ id: artifactId, available }) => ({ id: artifactId, available })),
        })),
        copy: { artifact: artifact.id, sha256: createHash("sha256").update(copy).digest("hex") },
    }
}

function throwMissing(what: string): never {
    throw new Error(`the demonstration has no ${what}`)
}

async function writeFixture(home: string, demo: RunningCommand, base: string): Promise<void> {
    const file = path.join(home, "credentials.json")
    const credentials = JSON.parse(fs.readFileSync(file, "utf8")) as Credentials
    const answers = await readAnswers(credentials)
    const keyFile = path.join(home, "demo-secrets/key")
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    const own = ["--data", path.join(home, "demo"), "--key-file", keyFile]
    const backup = await runTocsin(home, ["backup", ...own, "--recipient", recipient, "--out", `${base}.age`])
    if (backup.code !== 0) throw new Error(backup.err)
    await demo.end("SIGTERM")
    const { operators, partners } = credentials
    const fixture: ReleaseFixture = {
        clock,
        key: fs.readFileSync(keyFile, "utf8").trim(),
        identity,
        staff: operators.map(({ roles, token }) => ({ roles, token })),
        lead:
            partners.flatMap(({ roles, token, identity: own }) =>
                roles.includes("lead") ? [{ token, identity: own }] : [],
            )[0] ?? throwMissing("lead"),
        answers,
    }
    fs.writeFileSync(`${base}.json`, `${JSON.stringify(fixture, null, 4)}\n`)
}

if (import.meta.main) {
    const { version } = JSON.parse(fs.readFileSync(path.join(root, "server/package.json"), "utf8")) as {
        version: string
    }
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
