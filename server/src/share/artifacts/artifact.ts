/** Artifacts: one thing to hand out, versioned, of one class. */
import { endingOf, endings } from "@tocsin/marks/carriers/registry"
import { refuse } from "@tocsin/base/refusal"
import { type Labels, type Tlp, contradiction } from "@tocsin/formats/stix/tlp"

export { type Pap, type Tlp, papLabels, tlpLabels } from "@tocsin/formats/stix/tlp"

export const artifactClasses = [
    "summary",
    "technical",
    "guidance",
    "indicators",
    "rules",
    "repro",
    "poc",
    "patch",
] as const
export type ArtifactClass = (typeof artifactClasses)[number]

/** Read by machines too: whoever polls by TAXII or MISP, or two of them by CSAF, gets the text of these unmarked. */
export const polledClasses: readonly ArtifactClass[] = ["summary", "indicators", "rules", "guidance"]

/** How many recipients may put their copies together and still be told, where the author says nothing else. */
export const colludersDefault = 2
export const colludersMost = 8

export const contentCharsMax = 1_000_000
/** Of a text that can be said in several ways: each copy is written anew. */
export const markedCharsMax = 200_000

/** `name` tells whether copies of it are marked. */
export function validateContent(name: string, content: string): void {
    if (content.trim() === "") refuse("invalid", "artifact.empty", "an artifact has content")
    const max = endings.includes(endingOf(name)) ? markedCharsMax : contentCharsMax
    if (!(content.length <= max)) {
        refuse("invalid", "artifact.too_large", `an artifact of this kind has \`${max}\` characters at most`)
    }
}

/** What may be done with it must not be wider than whom it may be given to. */
export function assertAgrees(labels: Labels): void {
    const fault = contradiction(labels)
    if (fault !== null) {
        refuse("invalid", "artifact.labels_contradict", `these labels contradict each other: ${fault}`)
    }
}

/** By the author's word: more who collude take more slots to tell. */
export function validateColluders(colluders: number): void {
    if (Number.isInteger(colluders) && colluders >= 1 && colluders <= colludersMost) return
    refuse("invalid", "artifact.bad_colluders", `1 to ${colludersMost} recipients can be told when they collude`)
}

/** Publication lifts every label but TLP:RED, which is for named persons. */
export function isPublicText(name: string, tlp: Tlp): boolean {
    return tlp !== "RED" && /\.(?:md|txt)$/i.test(name)
}
