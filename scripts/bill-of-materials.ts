/** Lists the dependencies of the server as CycloneDX, without what differs between two builds of the same sources. */
import { execFileSync } from "node:child_process"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const options = ["--sbom-format", "cyclonedx", "--omit", "dev", "--omit", "optional", "--workspace", "server"]

interface Bill {
    readonly serialNumber: string
    readonly metadata: {
        readonly timestamp?: string
        /** npm names it after the folder. */
        readonly component: { readonly name: string; readonly "bom-ref": string }
    }
}

/** The dependencies that the packages contain, without the id, the time and the folder that npm writes. */
export function billOfMaterials(): string {
    const text = execFileSync("npm", ["sbom", ...options], { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    const { serialNumber: _, metadata, ...rest } = JSON.parse(text) as Bill
    const { timestamp: __, component, ...kept } = metadata
    const [name = ""] = component["bom-ref"].split("@")
    return `${JSON.stringify({ ...rest, metadata: { ...kept, component: { ...component, name } } }, null, 1)}\n`
}
