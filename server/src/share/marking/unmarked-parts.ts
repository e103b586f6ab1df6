/**
 * How a version goes out: what its marks will tell of a leak, or that it carries none. It is said in plain words before
 * anybody signs, and is no part of what is signed: it follows from the version and from who gets it, which are.
 */
import { type ArtifactClass, polledClasses } from "../artifacts/artifact.ts"
import type { Strength } from "./strength.ts"

/** Why it carries no marks; `late`: its marks cannot be found in time, and so no copy can be made. */
export type Unmarked = "kind" | "slots" | "late"

/** `fewer`: it is told apart among fewer than cases reach, or fewer may merge their copies than its author declared. */
export type Carried = "marked" | "fewer" | "nobody" | "unmarked"

export interface GoingOut {
    readonly artifact: string
    readonly version: number
    /** Who get it by this. */
    readonly recipients: number
    readonly class: ArtifactClass
    readonly carries: Carried
    readonly unmarked: Unmarked | null
    /** Slots that outlive formatters. */
    readonly lasting: number
    /** Among how many recipients one whole copy names its owner, at this error; 0: among none. */
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

export function goesUnmarked(subject: Of, unmarked: Unmarked): GoingOut {
    const none = { carries: "unmarked", unmarked, lasting: 0, among: 0, alpha: null } as const
    return { ...subject, ...none, says: unmarkedWords[unmarked] }
}

/** `strength` null: of a file whose kind carries none. `isPolledMarked`: whether TAXII carries own copies. */
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
    if (among === 0) return ["nobody", "too few to name anybody"]
    const apart = among > manyMax ? "more than a million partners apart" : `${among} partners apart`
    if (among < recipients) return ["fewer", `a whole copy tells ${apart}, and cases reach ${recipients}`]
    const merged = first?.merged.find((merged) => merged.colluders === colluders)
    if (merged === undefined || merged.worth >= merged.needed) return ["marked", `a whole copy tells ${apart}`]
    return ["fewer", `a whole copy tells ${apart}; ${colluders} who merge theirs may go unnamed`]
}

const manyMax = 1_000_000

const counted = (many: number, kind: string): string => `${many} ${kind}${many === 1 ? "" : "s"}`
