/**
 * Describes how well the marks of a version will identify a leak, or that it has none.
 *
 * Signers read it before they sign. It is not part of the signed effects, since it follows from the version and its
 * recipients.
 */
import { type ArtifactClass, polledClasses } from "../artifacts/artifact.ts"
import type { Strength } from "./strength.ts"

/** Why a version has no marks. `late`: finding its slots takes too long, so no copy can be made. */
export type UnmarkedReason = "kind" | "slots" | "late"

/** `fewer`: identified among fewer recipients than have case access, or with fewer colluders than declared. */
export type MarkingLevel = "marked" | "fewer" | "unidentifiable" | "unmarked"

/** How a version is released by one action, and how well its copies can be traced. */
export interface VersionMarking {
    readonly artifact: string
    readonly version: number
    /** The number of recipients by this action. */
    readonly recipients: number
    readonly class: ArtifactClass
    readonly level: MarkingLevel
    readonly unmarkedReason: UnmarkedReason | null
    /** The slots that survive formatters. */
    readonly lasting: number
    /** The number of recipients among which one whole copy identifies its recipient, at this error; 0: none. */
    readonly identifiableAmong: number
    readonly alpha: number | null
    readonly description: string
}

const unmarkedTexts: Readonly<Record<UnmarkedReason, string>> = {
    kind: "unmarked: a file of this kind carries no marks, so all copies are equal",
    slots: "unmarked: no part of it has two forms",
    late: "cannot be released: its marks are not found in time",
}

type VersionFacts = Pick<VersionMarking, "artifact" | "version" | "recipients" | "class">

/** Returns the row of a version that is released without marks. */
export function unmarkedVersion(version: VersionFacts, reason: UnmarkedReason): VersionMarking {
    const none = { level: "unmarked", unmarkedReason: reason, lasting: 0, identifiableAmong: 0, alpha: null } as const
    return { ...version, ...none, description: unmarkedTexts[reason] }
}

/** `strength` null: the class carries no marks. `isPolledMarked`: whether TAXII carries own copies. */
export function versionMarkingOf(
    version: VersionFacts,
    strength: Strength | null,
    isPolledMarked: boolean,
): VersionMarking {
    if (strength === null) return unmarkedVersion(version, "kind")
    if (strength.slots === 0) return unmarkedVersion(version, "slots")
    const [first] = strength.errors
    const [identifiableAmong, alpha] = [first?.identifiableAmong ?? 0, first?.alpha ?? null]
    const lasting = strength.slots - strength.lastingSlots.fragile
    const [level, levelText] = levelAndText(strength)
    const by = isPolledMarked ? "MISP" : "TAXII or MISP"
    const polled = polledClasses.includes(version.class) ? `; partners that poll by ${by} get the text unmarked` : ""
    const description = `marked with ${countText(lasting, "lasting slot")}: ${levelText} (error ${alpha})${polled}`
    return { ...version, level, unmarkedReason: null, lasting, identifiableAmong, alpha, description }
}

function levelAndText({ errors: [first], colluders, recipients }: Strength): readonly [MarkingLevel, string] {
    const among = first?.identifiableAmong ?? 0
    if (among === 0) return ["unidentifiable", "too few to identify a recipient"]
    const candidates = among > manyMax ? "more than a million partners" : `${among} partners`
    if (among < recipients)
        return ["fewer", `a whole copy identifies one of ${candidates}, and ${recipients} have case access`]
    const merged = first?.merged.find((estimate) => estimate.colluders === colluders)
    if (merged === undefined || merged.worth >= merged.needed)
        return ["marked", `a whole copy identifies one of ${candidates}`]
    return ["fewer", `a whole copy identifies one of ${candidates}; ${colluders} colluders may stay unidentified`]
}

const manyMax = 1_000_000

const countText = (count: number, kind: string): string => `${count} ${kind}${count === 1 ? "" : "s"}`
