/** The provenance of release files, and the commands by which docs/operate/install.md verifies it. */
import { billOfMaterials } from "../scripts/bill-of-materials.ts"
import { spawnSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { type Build, envelopeOf, sha256Of, statementOf } from "../scripts/provenance.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-release-"))
const at = (name: string) => path.join(folder, name)
afterAll(() => fs.rmSync(folder, { recursive: true }))

const commit = "0123456789abcdef0123456789abcdef01234567"
const build: Build = {
    source: "git+https://git.example.org/tocsin",
    commit,
    builder: "https://git.example.org/release",
    command: "npm ci && node scripts/release.ts",
    versions: { node: "v24.11.0" },
    sourceEpoch: 1_767_225_600,
    lockfile: "package-lock.json",
}
const names = ["tocsin-0.1.0.tgz", "tocsin_0.1.0_all.deb"]
const { publicKey, privateKey } = generateKeyPairSync("ed25519")

beforeEach(() => {
    for (const name of names) fs.writeFileSync(at(name), `${name}, é\n`)
    fs.writeFileSync(at("release.pub"), publicKey.export({ type: "spki", format: "pem" }))
    write(statementOf(names.map(at), build))
})
const write = (statement: object) =>
    fs.writeFileSync(at("provenance.json"), JSON.stringify(envelopeOf(statement, privateKey)))

test("the statement names each file with its hash, the commit, the builder and the lockfile", () => {
    expect(statementOf(names.map(at), build)).toEqual({
        _type: "https://in-toto.io/Statement/v1",
        subject: names.map((name) => ({ name, digest: { sha256: sha256Of(at(name)) } })),
        predicateType: "https://slsa.dev/provenance/v1",
        predicate: {
            buildDefinition: {
                buildType: expect.stringMatching(/^https:/),
                externalParameters: { source: build.source, command: build.command },
                internalParameters: { node: "v24.11.0", SOURCE_DATE_EPOCH: "1767225600" },
                resolvedDependencies: [
                    { uri: `${build.source}@${commit}`, digest: { gitCommit: commit } },
                    { name: "package-lock.json", digest: { sha256: sha256Of("package-lock.json") } },
                ],
            },
            runDetails: { builder: { id: build.builder } },
        },
    })
})

const isThere = ["openssl", "jq"].every((name) => spawnSync(name, ["--help"]).error === undefined)

describe.skipIf(!isThere)("the commands of the guide (on machines that have openssl and jq)", () => {
    const guide = fs.readFileSync("docs/operate/install.md", "utf8")
    const section = guide.split("## Check a release")[1]?.split("\n## ")[0] ?? ""
    const commands = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, text = ""]) => text.replaceAll(/^ +/gm, ""))
    const verify = () => {
        const script = `set -eo pipefail\n${commands.join("")}`
        const { status, stdout } = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" })
        return { status, lines: stdout.trim().split("\n") }
    }

    test("accept what was built", () => {
        const lines = ["Signature Verified Successfully", ...names.map((name) => `${name}: OK`)]
        expect(verify()).toEqual({ status: 0, lines })
    })

    test.each([
        ["another file", () => fs.appendFileSync(at(names[1] ?? ""), "x")],
        ["a missing file", () => fs.rmSync(at(names[1] ?? ""))],
        ["a statement that was not signed", () => replacePayload((text) => text.replace(commit, "f".repeat(40)))],
        ["another key", () => writeKey(generateKeyPairSync("ed25519").publicKey)],
    ])("refuse %s", (_, alter) => {
        alter()
        expect(verify().status).not.toBe(0)
    })

    function replacePayload(change: (text: string) => string): void {
        const envelope = JSON.parse(fs.readFileSync(at("provenance.json"), "utf8")) as { payload: string }
        const payload = change(Buffer.from(envelope.payload, "base64").toString())
        const altered = { ...envelope, payload: Buffer.from(payload).toString("base64") }
        fs.writeFileSync(at("provenance.json"), JSON.stringify(altered))
    }
    const writeKey = (key: typeof publicKey) =>
        fs.writeFileSync(at("release.pub"), key.export({ type: "spki", format: "pem" }))
})

test("the bill of materials has each dependency of the server and of the screens", () => {
    const { components } = JSON.parse(billOfMaterials()) as { components: { "bom-ref": string }[] }
    const listed = new Set(components.map((item) => item["bom-ref"].replace(/@[^@]+$/, "")))
    expect(["vitest", "oidc-provider"].filter((name) => listed.has(name))).toEqual([])
    for (const workspace of ["server", "web"]) {
        const { dependencies } = JSON.parse(fs.readFileSync(`${workspace}/package.json`, "utf8")) as {
            dependencies: Record<string, string>
        }
        const names = Object.keys(dependencies)
        expect(names.length).toBeGreaterThan(5)
        expect(names.filter((name) => !listed.has(name))).toEqual([])
    }
})
