/** Artifacts: one thing to hand out, versioned, of one class. */
import { refuse } from "../../lib/refusal.ts"

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

/** TLP 2.0 (FIRST). */
export const tlpLabels = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"] as const
export type Tlp = (typeof tlpLabels)[number]

/** Permissible Actions Protocol. */
export const papLabels = ["CLEAR", "GREEN", "AMBER", "RED"] as const
export type Pap = (typeof papLabels)[number]

const nameMax = 100
export const contentCharsMax = 1_000_000

/** A plain file name with an ending, safe on every system. */
export function mustBeFileName(name: string): void {
    if (!(/^[A-Za-z0-9][A-Za-z0-9._-]*\.[A-Za-z0-9]{1,8}$/.test(name) && name.length <= nameMax)) {
        refuse("invalid", "artifact.bad_name", "a file name has letters, digits, `.`, `_`, `-`, and an ending")
    }
}

export function mustBeContent(content: string): void {
    if (content.trim() === "") refuse("invalid", "artifact.empty", "an artifact has content")
    if (!(content.length <= contentCharsMax)) {
        refuse("invalid", "artifact.too_large", `an artifact has \`${contentCharsMax}\` characters at most`)
    }
}
