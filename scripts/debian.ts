/**
 * `node scripts/debian.ts` builds `dist/tocsin_VERSION_all.deb` with dpkg-deb: the bundle, the command, systemd units,
 * an own user, settings, samples and a bill of materials. The same sources give the same bytes: every date is
 * SOURCE_DATE_EPOCH, by default the date of the newest commit.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { gzipSync } from "node:zlib"
import { writeBundle } from "./bundle.ts"

const root = path.join(import.meta.dirname, "..")
const stage = path.join(root, "dist/debian")
const at = (...names: string[]) => path.join(stage, ...names)

/** All files and folders below a folder. Links are not followed, as `recursive` of `readdir` does. */
const listBelow = (folder: string): string[] =>
    fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name)
        return entry.isDirectory() ? [file, ...listBelow(file)] : [file]
    })

const text = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })

function put(file: string, content: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true })
    fs.writeFileSync(at(file), content)
}

const copy = (from: string, to: string) => put(to, fs.readFileSync(path.join(root, from)))

/** The dependencies that the package contains, without the id and the time that npm adds to each list. */
function billOfMaterials(): string {
    const options = ["--sbom-format", "cyclonedx", "--omit", "dev", "--omit", "optional", "--workspace", "server"]
    const {
        serialNumber: _,
        metadata,
        ...rest
    } = JSON.parse(text("npm", "sbom", ...options)) as {
        serialNumber: string
        metadata: { timestamp?: string }
    }
    const { timestamp: __, ...kept } = metadata
    return `${JSON.stringify({ ...rest, metadata: kept }, null, 1)}\n`
}

function writeFiles(): void {
    writeBundle(at("usr/lib/tocsin"))
    fs.mkdirSync(at("usr/bin"), { recursive: true })
    fs.symlinkSync("../lib/tocsin/server/bin/tocsin.js", at("usr/bin/tocsin"))
    for (const unit of ["tocsin.service", "tocsin@.service"])
        copy(`deploy/systemd/${unit}`, `usr/lib/systemd/system/${unit}`)
    copy("deploy/systemd/tocsin.sysusers", "usr/lib/sysusers.d/tocsin.conf")
    copy("deploy/settings.json", "etc/tocsin/settings.json")
    const docs = "usr/share/doc/tocsin"
    for (const sample of ["nginx/tocsin.conf", "caddy/Caddyfile", "prometheus/alerts.yml", "grafana/tocsin.json"])
        copy(`deploy/${sample}`, `${docs}/${sample}`)
    copy("LICENSE", `${docs}/copyright`)
    put(`${docs}/changelog.gz`, gzipSync(fs.readFileSync(path.join(root, "CHANGELOG.md")), { level: 9 }))
    put(`${docs}/sbom.cdx.json`, billOfMaterials())
}

function writeControl(version: string): void {
    const control = fs.readFileSync(path.join(root, "deploy/debian/control"), "utf8")
    const bytes = listBelow(stage).map((staged) => fs.lstatSync(staged))
    const size = Math.ceil(bytes.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0) / 1024)
    put("DEBIAN/control", control.replace("@VERSION@", version).replace("@SIZE@", String(size)))
    for (const name of ["conffiles", "postinst", "prerm", "postrm"]) copy(`deploy/debian/${name}`, `DEBIAN/${name}`)
}

/** Gives each file one date, and rights that do not depend on the builder's umask. */
function normalise(epoch: number): void {
    const paths = [stage, ...listBelow(stage)]
    for (const staged of paths) {
        const stat = fs.lstatSync(staged)
        const isRun = stat.isDirectory() || /\/(DEBIAN\/p\w+|server\/bin\/tocsin\.js)$/.test(staged)
        if (!stat.isSymbolicLink()) fs.chmodSync(staged, isRun ? 0o755 : 0o644)
    }
    for (const staged of paths) fs.lutimesSync(staged, epoch, epoch)
}

const epoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? text("git", "log", "-1", "--format=%ct"))
const { version } = JSON.parse(fs.readFileSync(path.join(root, "server/package.json"), "utf8")) as { version: string }
fs.rmSync(stage, { recursive: true, force: true })
writeFiles()
writeControl(version)
normalise(epoch)
const file = path.join(root, `dist/tocsin_${version}_all.deb`)
const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) }
execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", stage, file], { stdio: "inherit", env })
