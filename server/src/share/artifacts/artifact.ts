/** Artifacts: versioned texts of one class, which partners receive. */
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

/** The class of an artifact: what kind of content it has. */
export type ArtifactClass = (typeof artifactClasses)[number]

/** Classes that tools can poll unmarked: all of them by TAXII and MISP, two by CSAF. */
export const polledClasses: readonly ArtifactClass[] = ["summary", "indicators", "rules", "guidance"]

/** The default number of colluding recipients that the marks must identify. */
export const colludersDefault = 2
export const colludersMax = 8

/** Refuses `artifact.labels_contradict` where the PAP label permits more than the TLP label. */
export function assertLabelsAgree(labels: Labels): void {
    const fault = contradiction(labels)
    if (fault !== null) {
        refuse("invalid", "artifact.labels_contradict", `these labels contradict each other: ${fault}`, { fault })
    }
}

/** Refuses `artifact.bad_colluders`. More colluders take more slots to identify. */
export function validateColluders(colluders: number): void {
    if (Number.isInteger(colluders) && colluders >= 1 && colluders <= colludersMax) return
    refuse("invalid", "artifact.bad_colluders", `bad number of colluders: enter \`1\` to \`${colludersMax}\``, {
        max: colludersMax,
    })
}

/** Whether publication makes the text public: it lifts every label except TLP:RED, which is for named persons. */
export function isPublicText(name: string, tlp: Tlp): boolean {
    return tlp !== "RED" && /\.(?:md|txt)$/i.test(name)
}
