/**
 * The client package as another project gets it: built, installed with its dependencies only, type-checked, and run.
 */
import { spawn } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { text } from "node:stream/consumers"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, expect, test } from "vitest"
import { buildPackages } from "../scripts/build.ts"
import { TestLog, TestPortal } from "./support/doubles/portal.ts"

const root = path.join(import.meta.dirname, "..")
const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-consumer-"))
const at = (...names: string[]) => path.join(home, ...names)

let portal: TestPortal

beforeAll(async () => {
    portal = await new TestPortal().listen()
    install()
}, 300_000)
afterAll(async () => {
    await portal.close()
    fs.rmSync(home, { recursive: true })
})

/** Runs a command; returns its exit code and output. */
async function ran(command: string, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(command, args, { cwd: home, env: { ...process.env, ...env } })
    const [input, wrong] = await Promise.all([text(child.stdout), text(child.stderr)])
    return {
        code: child.exitCode ?? (await new Promise<number>((end) => child.once("close", end))),
        said: input,
        wrong,
    }
}

const tsc = (...args: string[]) => ran(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), ...args])

/** Links what `npm install @tocsin/client` installs, and Node's types. */
function install(): void {
    const built = at("built")
    buildPackages(built)
    for (const name of ["base", "audit-log", "client"]) link(path.join(built, name), `node_modules/@tocsin/${name}`)
    const brought = [
        "@noble/ciphers",
        "@noble/curves",
        "@noble/hashes",
        "@noble/post-quantum",
        "@scure/base",
        "age-encryption",
    ]
    for (const name of [...brought, "commander", "typebox", "@types/node", "undici-types"]) {
        link(path.join(root, "node_modules", name), `node_modules/${name}`)
    }
    fs.writeFileSync(at("package.json"), JSON.stringify({ type: "module" }))
}

/** Links packages side by side, as a real install does. */
function link(from: string, name: string): void {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true })
    if (from.startsWith(home)) fs.renameSync(from, at(name))
    else fs.symlinkSync(from, at(name))
}

const consumer = `
import { type Client, ApiRefusal, type HeldCopy, connect } from "@tocsin/client"
import type { KnownLog, Store, Warning } from "@tocsin/client"
import { lockFolder, openFolder } from "@tocsin/client/folder"

const [url = "", token = "", identity = "", out = ""] = process.argv.slice(2)
const portal: Client = connect({ url, token })
const folder: Store = await openFolder(out)
const unlock = await lockFolder(out, process.pid)
const fetched: HeldCopy[] = []
for await (const event of portal.pull(folder)) if (event.kind === "fetched") fetched.push(event.held)
const warnings: readonly Warning[] = await portal.listWarnings()
const { acknowledged } = await portal.acknowledge(warnings[0]?.id ?? "")
const seen = { observedAt: "2025-07-07T05:12:00Z", clock: "estimated" } as const
const sighting = await portal.reportSighting(warnings[0]?.id ?? "", seen)
const { bytes } = await portal.fetchCopy(fetched[0]?.artifact ?? "")
const plain = new TextDecoder().decode(await portal.open(bytes, [identity]))
const log: KnownLog | null = await folder.loadLog()
const proven = (await folder.listCopies()).map((one) => one.proven)
const codeOf = (error: unknown) => (error instanceof ApiRefusal ? error.code : error)
const unknown = await portal.loadWarning("none").catch(codeOf)
await unlock()
// @ts-expect-error: there is no such verb
void portal.decrypt
// @ts-expect-error: a store is to be given
void portal.pull()
const files = fetched.map(({ file }) => file)
console.log(JSON.stringify({ files, acknowledged, sighting, plain, log, proven, unknown }))
`

test("a project that imports it gets all its types and runs", async () => {
    fs.writeFileSync(at("consumer.ts"), consumer)
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
    const compilerOptions = { ...strict, target: "es2024", module: "nodenext", types: ["node"], preserveSymlinks: true }
    const options = { ...compilerOptions, skipLibCheck: false, outDir: "run" }
    fs.writeFileSync(at("tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["consumer.ts"] }))
    expect(await tsc("-p", ".")).toMatchObject({ code: 0, said: "" })

    const identity = await generateX25519Identity()
    await addKey(await identityToRecipient(identity))
    const { id } = portal.addWarning("ToolShell", "technical.md")
    const run = () => ran(process.execPath, ["run/consumer.js", portal.url, portal.token, identity, at("out")])
    const { said: input, wrong } = await run()
    expect(wrong).toBe("")
    expect(JSON.parse(input)).toMatchObject({
        files: [`${id}/technical.md.age`],
        acknowledged: 1,
        sighting: [...portal.sightings.keys()][0],
        plain: "what technical.md says\n",
        log: { size: 1, verifierKey: portal.log.verifierKey },
        proven: [true],
        unknown: "request.not_found",
    })

    portal.log = new TestLog()
    portal.log.add({})
    portal.log.add({})
    const after = await run()
    expect([after.code, after.said]).toEqual([1, ""])
    expect(after.wrong).toContain("client.log_forked")
})

test("no other module can be imported", async () => {
    const main = `import("@tocsin/client/dist/main.js").catch((error) => console.log(error.code))`
    expect((await ran(process.execPath, ["-e", main])).said).toMatch(
        /^ERR_(?:PACKAGE_PATH_NOT_EXPORTED|MODULE_NOT_FOUND)\n$/,
    )
})

async function addKey(recipient: string): Promise<void> {
    const headers = {
        authorization: `Bearer ${portal.token}`,
        "content-type": "application/json",
        "idempotency-key": "k",
    }
    await fetch(`${portal.url}/api/keys`, { method: "POST", headers, body: JSON.stringify({ recipient }) })
}
