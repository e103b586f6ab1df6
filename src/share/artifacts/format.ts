/** How an artifact is written, by its class and its file's ending, and so which grammar it is held to. */
import { isSnortFile } from "../../lib/rules/snort.ts"
import { isStix } from "../../lib/stix.ts"
import type { ArtifactClass } from "./artifact.ts"

export type Format = "sigma" | "suricata" | "snort" | "yara" | "stix" | "json" | "text"

const byEnding: Readonly<Record<string, Format>> = {
    yml: "sigma",
    yaml: "sigma",
    rules: "suricata",
    yar: "yara",
    yara: "yara",
    json: "json",
}

/** Rules are what their ending says; outside of that class only what is JSON has a grammar. */
export function formatOf(its: {
    readonly class: ArtifactClass
    readonly name: string
    readonly content: string
}): Format {
    const ending = its.name.slice(its.name.lastIndexOf(".") + 1).toLowerCase()
    const format = Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined
    if (format === "json") return isStix(its.content) ? "stix" : "json"
    if (its.class === "rules" && isSnortFile(its.name)) return "snort"
    return its.class === "rules" && format !== undefined ? format : "text"
}
