/**
 * Tells how well a version's marks will identify a leak, or that it has none.
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

/** How a version goes out by one act, and how well its copies can be traced. */
export interface VersionMarking {
    readonly artifact: string
    readonly version: number
    /** The number of recipients by this act. */
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
    kind: "goes out unmarked: a file of this kind carries no marks, so all copies are the same",
    slots: "goes out unmarked: nothing in it can be said in two ways",
    late: "cannot go out: its marks are not found in time",
}

type VersionFacts = Pick<VersionMarking, "artifact" | "version" | "recipients" | "class">

/** Returns the row of a version that goes out without marks. */
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
    const lasting = strength.slots - strength.lastingSlots.tripwire
    const [level, levelText] = levelAndText(strength)
    const by = isPolledMarked ? "MISP" : "TAXII or MISP"
    const polled = polledClasses.includes(version.class) ? `; whoever polls by ${by} gets the text unmarked` : ""
    const description = `marked with ${countText(lasting, "lasting slot")}: ${levelText} (error ${alpha})${polled}`
    return { ...version, level, unmarkedReason: null, lasting, identifiableAmong, alpha, description }
}

function levelAndText({ errors: [first], colluders, recipients }: Strength): readonly [MarkingLevel, string] {
    const among = first?.identifiableAmong ?? 0
    if (among === 0) return ["unidentifiable", "too few to name anybody"]
    const apart = among > manyMax ? "more than a million partners apart" : `${among} partners apart`
    if (among < recipients) return ["fewer", `a whole copy tells ${apart}, and cases reach ${recipients}`]
    const merged = first?.merged.find((merged) => merged.colluders === colluders)
    if (merged === undefined || merged.worth >= merged.needed) return ["marked", `a whole copy tells ${apart}`]
    return ["fewer", `a whole copy tells ${apart}; ${colluders} who merge theirs may go unnamed`]
}

const manyMax = 1_000_000

const countText = (count: number, kind: string): string => `${count} ${kind}${count === 1 ? "" : "s"}`
