/**
 * `node scripts/release.ts` writes the files of a release into `dist/release`: packages, the Debian package, a bill of
 * materials and `SHA256SUMS`. The same commit gives the same bytes with the same Node, npm and dpkg.
 *
 * `--key FILE --source git+https://… --builder https://…` adds the signed provenance. The key is Ed25519, as PEM.
 */
import { execFileSync } from "node:child_process"
import { createPrivateKey } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { billOfMaterials } from "./bill-of-materials.ts"
import { packPackages } from "./build.ts"
import { buildDebianPackage } from "./debian.ts"
import { envelopeOf, sha256Of, statementOf } from "./provenance.ts"
import { sourceEpoch } from "./staged-files.ts"

const root = path.join(import.meta.dirname, "..")
const out = path.join(root, "dist/release")

const text = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: root, encoding: "utf8" }).trim()

/** Writes the files, and returns their paths in order. */
function writeFiles(): string[] {
    if (text("git", "status", "--porcelain") !== "") throw new Error("the files differ from the commit: commit them")
    fs.rmSync(out, { recursive: true, force: true })
    fs.mkdirSync(out, { recursive: true })
    const debian = buildDebianPackage()
    fs.copyFileSync(debian, path.join(out, path.basename(debian)))
    packPackages(path.join(root, "dist/packages"), out)
    fs.writeFileSync(path.join(out, "sbom.cdx.json"), billOfMaterials())
    const files = fs
        .readdirSync(out)
        .toSorted()
        .map((name) => path.join(out, name))
    const sums = path.join(out, "SHA256SUMS")
    fs.writeFileSync(sums, files.map((file) => `${sha256Of(file)}  ${path.basename(file)}\n`).join(""))
    return [...files, sums]
}

function writeProvenance(files: readonly string[], keyFile: string, source: string, builder: string): void {
    if (!path.relative(root, path.resolve(keyFile)).startsWith(".."))
        throw new Error("the key is inside the repository: move it out")
    if (process.env["SOURCE_DATE_EPOCH"] !== undefined)
        throw new Error("SOURCE_DATE_EPOCH changes the files, and the provenance does not name it: unset it")
    const key = createPrivateKey(fs.readFileSync(keyFile))
    if (key.asymmetricKeyType !== "ed25519") throw new Error("the key must be Ed25519")
    const statement = statementOf(files, {
        source,
        builder,
        commit: text("git", "rev-parse", "HEAD"),
        command: "npm ci && node scripts/release.ts",
        versions: {
            node: process.version,
            npm: text("npm", "--version"),
            dpkg: text("dpkg-deb", "--version").split("\n")[0] ?? "",
        },
        sourceEpoch: sourceEpoch(),
        lockfile: path.join(root, "package-lock.json"),
    })
    fs.writeFileSync(path.join(out, "provenance.json"), `${JSON.stringify(envelopeOf(statement, key), null, 1)}\n`)
}

const { values } = parseArgs({
    options: { key: { type: "string" }, source: { type: "string" }, builder: { type: "string" } },
})
const { key, source, builder } = values
if (key !== undefined && (source === undefined || builder === undefined))
    throw new Error("--key needs --source and --builder")
const files = writeFiles()
if (key !== undefined && source !== undefined && builder !== undefined) writeProvenance(files, key, source, builder)
