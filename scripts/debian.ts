/**
 * `node scripts/debian.ts` builds `dist/tocsin_VERSION_all.deb` with dpkg-deb: the bundle, the command, systemd units,
 * an own user, settings, samples and a bill of materials. The same sources give the same bytes: every date is
 * SOURCE_DATE_EPOCH, by default the date of the newest commit.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { gzipSync } from "node:zlib"
import { billOfMaterials } from "./bill-of-materials.ts"
import { writeBundle } from "./bundle.ts"
import { listBelow, normalise, sourceEpoch } from "./staged-files.ts"

const root = path.join(import.meta.dirname, "..")
const stage = path.join(root, "dist/debian")
const at = (...names: string[]) => path.join(stage, ...names)

function put(file: string, content: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true })
    fs.writeFileSync(at(file), content)
}

const copy = (from: string, to: string) => put(to, fs.readFileSync(path.join(root, from)))

function writeFiles(): void {
    writeBundle(at("usr/lib/tocsin"))
    copy("deploy/debian/tocsin", "usr/bin/tocsin")
    for (const unit of ["tocsin.service", "tocsin@.service", "tocsin-keys.service"])
        copy(`deploy/systemd/${unit}`, `usr/lib/systemd/system/${unit}`)
    copy("deploy/systemd/tocsin.sysusers", "usr/lib/sysusers.d/tocsin.conf")
    copy("deploy/systemd/tocsin.tmpfiles", "usr/lib/tmpfiles.d/tocsin.conf")
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

/** Builds the package from the sources, and returns its path. */
export function buildDebianPackage(): string {
    const manifest = fs.readFileSync(path.join(root, "server/package.json"), "utf8")
    // Debian sorts `0.2.0~rc.1` before 0.2.0, and `0.2.0-rc.1` after it.
    const version = (JSON.parse(manifest) as { version: string }).version.replace("-", "~")
    fs.rmSync(stage, { recursive: true, force: true })
    writeFiles()
    writeControl(version)
    normalise(stage, /\/(DEBIAN\/p\w+|usr\/bin\/tocsin|server\/bin\/tocsin\.js)$/)
    const file = path.join(root, `dist/tocsin_${version}_all.deb`)
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(sourceEpoch()) }
    execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", stage, file], { stdio: "inherit", env })
    return file
}

if (import.meta.main) buildDebianPackage()
