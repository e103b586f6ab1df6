/**
 * Builds the packages for publication into `dist/packages`: JavaScript and types instead of sources, because Node
 * strips no types under node_modules. `--pack` makes a tarball of each.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { normalise } from "./staged-files.ts"
import { buildWeb } from "./web.ts"

const root = path.join(import.meta.dirname, "..")

interface Manifest {
    readonly name: string
    readonly private?: boolean
    readonly files?: readonly string[]
    readonly exports?: Readonly<Record<string, string>>
    /** Each name inside of the package, with a file for each environment. */
    readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const workspaces = [...fs.readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`), "server"]

/** The folder of a built package inside of `out`. */
const folderOf = (out: string, workspace: string) => path.join(out, path.basename(workspace))

/** Compiles all workspaces once, and writes each with a manifest that points to its build. */
export function buildPackages(out: string): void {
    const compiled = path.join(out, ".compiled")
    fs.rmSync(out, { recursive: true, force: true })
    const tsc = path.join(root, "node_modules/typescript/bin/tsc")
    const options = ["-p", path.join(root, "tsconfig.build.json"), "--outDir", compiled]
    execFileSync(process.execPath, [tsc, ...options], { stdio: "inherit" })
    for (const workspace of workspaces)
        writePackage(workspace, path.join(compiled, workspace, "src"), folderOf(out, workspace))
    fs.rmSync(compiled, { recursive: true })
}

function writePackage(workspace: string, compiled: string, folder: string): void {
    const source = path.join(root, workspace)
    const manifest = JSON.parse(fs.readFileSync(path.join(source, "package.json"), "utf8")) as Manifest
    fs.mkdirSync(folder, { recursive: true })
    fs.renameSync(compiled, path.join(folder, "dist"))
    const isCode = (file: string) => /\.tsx?$/.test(file)
    fs.cpSync(path.join(source, "src"), path.join(folder, "dist"), { recursive: true, filter: (file) => !isCode(file) })
    for (const name of [...(manifest.files ?? []), "README.md"]) {
        const from = path.join(source, name)
        if (name !== "dist" && fs.existsSync(from)) fs.cpSync(from, path.join(folder, name), { recursive: true })
    }
    fs.copyFileSync(path.join(root, "LICENSE"), path.join(folder, "LICENSE"))
    const published = { ...manifest, ...builtEntries(manifest) }
    fs.writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(published, null, 4)}\n`)
}

/** Points exports and imports to the build. */
function builtEntries({ exports, imports }: Manifest): object {
    return {
        ...(exports && { exports: mapValues(exports, builtEntry) }),
        ...(imports && { imports: mapValues(imports, (files) => mapValues(files, builtFile)) }),
    }
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => unknown): object {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}

const builtFile = (file: string) => file.replace("./src/", "./dist/").replace(/\.ts$/, ".js")

const builtEntry = (file: string) => {
    const built = builtFile(file)
    return { types: built.replace(/\.js$/, ".d.ts"), default: built }
}

/** Makes a tarball of each built package in a folder. */
export function packPackages(built: string, out: string): void {
    normalise(built, /\/bin\/[\w-]+\.js$/)
    for (const workspace of workspaces)
        execFileSync("npm", ["pack", "--pack-destination", out], { cwd: folderOf(built, workspace), stdio: "inherit" })
}

if (import.meta.main) {
    const out = path.join(root, "dist/packages")
    buildPackages(out)
    await buildWeb()
    fs.cpSync(path.join(root, "server/dist/web"), path.join(folderOf(out, "server"), "dist/web"), { recursive: true })
    if (process.argv.includes("--pack")) packPackages(out, out)
}
