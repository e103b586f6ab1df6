/** Determines the format of an artifact by its class and file ending, and so the grammar that applies. */
import { isSnortFile } from "@tocsin/rules/snort"
import { isStix } from "@tocsin/formats/stix/validate"
import type { ArtifactClass } from "./artifact.ts"

/** The format of a text, by which it is checked and marked. */
export type Format = "sigma" | "suricata" | "snort" | "yara" | "stix" | "json" | "text"

const byEnding: Readonly<Record<string, Format>> = {
    yml: "sigma",
    yaml: "sigma",
    rules: "suricata",
    yar: "yara",
    yara: "yara",
    json: "json",
}

/** Rules have the format of their ending. In other classes only JSON has a grammar. */
export function formatOf(artifact: {
    readonly class: ArtifactClass
    readonly name: string
    readonly content: string
}): Format {
    const ending = artifact.name.slice(artifact.name.lastIndexOf(".") + 1).toLowerCase()
    const format = Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined
    if (format === "json") return isStix(artifact.content) ? "stix" : "json"
    if (artifact.class === "rules" && isSnortFile(artifact.name)) return "snort"
    return artifact.class === "rules" && format !== undefined ? format : "text"
}
