/**
 * Tells how well a version's marks will identify a leak, or that it has none.
 *
 * Signers read it before they sign. It is not part of the signed effects, since it follows from the version and its
 * recipients.
 */
import { type ArtifactClass, polledClasses } from "../artifacts/artifact.ts"
import type { Strength } from "./strength.ts"

/** Why a version has no marks. `late`: finding its slots takes too long, so no copy can be made. */
export type Unmarked = "kind" | "slots" | "late"

/** `fewer`: identified among fewer recipients than have case access, or with fewer colluders than declared. */
export type Carried = "marked" | "fewer" | "unidentifiable" | "unmarked"

/** How a version goes out by one act, and how well its copies can be traced. */
export interface GoingOut {
    readonly artifact: string
    readonly version: number
    /** The number of recipients by this act. */
    readonly recipients: number
    readonly class: ArtifactClass
    readonly carries: Carried
    readonly unmarked: Unmarked | null
    /** The slots that survive formatters. */
    readonly lasting: number
    /** The number of recipients among which one whole copy identifies its recipient, at this error; 0: none. */
    readonly among: number
    readonly alpha: number | null
    readonly says: string
}

const unmarkedWords: Readonly<Record<Unmarked, string>> = {
    kind: "goes out unmarked: a file of this kind carries no marks, so all copies are the same",
    slots: "goes out unmarked: nothing in it can be said in two ways",
    late: "cannot go out: its marks are not found in time",
}

type Of = Pick<GoingOut, "artifact" | "version" | "recipients" | "class">

/** Returns the row of a version that goes out without marks. */
export function goesUnmarked(subject: Of, unmarked: Unmarked): GoingOut {
    const none = { carries: "unmarked", unmarked, lasting: 0, among: 0, alpha: null } as const
    return { ...subject, ...none, says: unmarkedWords[unmarked] }
}

/** `strength` null: the class carries no marks. `isPolledMarked`: whether TAXII carries own copies. */
export function goingOut(subject: Of, strength: Strength | null, isPolledMarked: boolean): GoingOut {
    if (strength === null) return goesUnmarked(subject, "kind")
    if (strength.slots === 0) return goesUnmarked(subject, "slots")
    const [first] = strength.errors
    const [among, alpha] = [first?.among ?? 0, first?.alpha ?? null]
    const lasting = strength.slots - strength.lasts.tripwire
    const [carries, message] = toldOf(strength)
    const by = isPolledMarked ? "MISP" : "TAXII or MISP"
    const polled = polledClasses.includes(subject.class) ? `; whoever polls by ${by} gets the text unmarked` : ""
    const says = `marked with ${counted(lasting, "lasting slot")}: ${message} (error ${alpha})${polled}`
    return { ...subject, carries, unmarked: null, lasting, among, alpha, says }
}

function toldOf({ errors: [first], colluders, recipients }: Strength): readonly [Carried, string] {
    const among = first?.among ?? 0
    if (among === 0) return ["unidentifiable", "too few to name anybody"]
    const apart = among > manyMax ? "more than a million partners apart" : `${among} partners apart`
    if (among < recipients) return ["fewer", `a whole copy tells ${apart}, and cases reach ${recipients}`]
    const merged = first?.merged.find((merged) => merged.colluders === colluders)
    if (merged === undefined || merged.worth >= merged.needed) return ["marked", `a whole copy tells ${apart}`]
    return ["fewer", `a whole copy tells ${apart}; ${colluders} who merge theirs may go unnamed`]
}

const manyMax = 1_000_000

const counted = (many: number, kind: string): string => `${many} ${kind}${many === 1 ? "" : "s"}`
