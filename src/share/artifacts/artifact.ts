/** Artifacts: one thing to hand out, versioned, of one class. */

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
