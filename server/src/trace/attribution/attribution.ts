/**
 * An attribution: how much better a leaked text fits each copy, of partners and of the operator's persons, than chance, over every version that it
 * could be from.
 *
 * Each version that the text is from takes its share of the error that is allowed, and so does each later try: over all
 * tries on the leaks of a case, anybody innocent is named with that probability at most (lib/evidence/incident.ts).
 */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import type { Instant } from "@tocsin/base/instant"
import { apart } from "@tocsin/marks/recipient"
import type { ArtifactVersion } from "../../trust/approvals/approval.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Findings, type Verdict, readMin } from "@tocsin/marks/evidence"
import { lackingOf } from "@tocsin/marks/evidence/hypotheses"
import type { Quoted } from "./quotation.ts"
import type { Weighed } from "@tocsin/marks/evidence/typography"

/** Of a leak. Fifty leaks a year then name anybody innocent once in twenty thousand years. */
export const alphaDefault = 1e-6
const alphaLeast = 1e-9
const alphaMost = 1e-2
/** A larger error takes a second person's signature. */
export const alphaAlone = 1e-3

/** One version that the leak was held against. */
export interface Tested {
    readonly artifact: string
    readonly version: number
    readonly findings: Findings & Partial<Pick<Weighed, "tripwire">>
    /** As each slot was read, before anybody's word was looked at. */
    readonly symbols: readonly Symbol[]
    /** What it cost; missing where it was attributed before budgets were kept. */
    readonly spending?: Spending
}

/** What this try adds to everything that was tried on the leaks of a case. */
export interface Spending {
    /** Which of the version's leaks it belongs to, from 1. Another one contradicts all earlier readings. */
    readonly incident: number
    /** On that leak, this one too. */
    readonly tries: number
    /** Slots that no earlier try had shown, and that alone were weighed; slots that an earlier try has counted. */
    readonly fresh: number
    readonly before: number
    /** The largest α of all tries on the case: over all of them an innocent is identified with this probability at most. */
    readonly spent: number
    /** The part of it that is left for recipients, versions and leaks that come later. */
    readonly left: number
    /** Of a later try: its fresh slots and their findings, and log10 of what earlier tries brought each recipient. */
    readonly factor: {
        readonly symbols: readonly Symbol[]
        readonly findings: Findings
        readonly before: readonly (readonly [recipient: string, log10e: number])[]
    } | null
}

/** What is kept as ciphertext. */
export interface Result {
    /** Over everything that is tried on the case's leaks: anybody innocent is named with this probability at most. */
    readonly alpha: number
    /** How many versions it was read against. */
    readonly tests: number
    /** Versions that were handed out and could not be read against: they carry no marks, or are beyond all reading. */
    readonly untested: number
    readonly documents: readonly {
        readonly artifact: string
        readonly version: number
        readonly verdict: Verdict
        readonly slotsRead: number
        readonly identified: readonly string[]
    }[]
    /** The version that it is from, as far as can be told; null where nothing was handed out. */
    readonly best: Tested | null
    /** Canaries that it holds; null where none was looked for yet. */
    readonly quoted: Quoted | null
    /** Other versions that it was recognised as: an expert computes these again too. */
    readonly others: readonly Tested[]
    /** Versions whose unmarked text it reads as, and which partners were served unmarked: all of these hold it alike. */
    readonly polled: readonly ArtifactVersion[]
}

export interface Attribution {
    readonly id: string
    readonly evidence: string
    readonly verdict: Verdict
    readonly at: Instant
    /** Null: by itself, when the leak was filed. */
    readonly madeBy: string | null
    readonly result: Result
}

export function validateAlpha(alpha: number): void {
    if (alpha >= alphaLeast && alpha <= alphaMost) return
    refuse("invalid", "attribution.bad_alpha", `the error that is allowed lies between ${alphaLeast} and ${alphaMost}`)
}

/** Where somebody is named, else where most was read. */
export function resultOf(
    tested: readonly Tested[],
    alpha: number,
    untested: number,
    quoted: Quoted | null,
): Omit<Result, "polled"> {
    const inOrder = tested.toSorted((a, b) => weight(b) - weight(a) || b.findings.slots.read - a.findings.slots.read)
    return {
        alpha,
        tests: tested.length,
        untested,
        documents: inOrder.map(({ artifact, version, findings }) => ({
            artifact,
            version,
            verdict: findings.verdict,
            slotsRead: findings.slots.read,
            identified: findings.identified,
        })),
        best: inOrder[0] ?? null,
        quoted,
        others: inOrder.slice(1).filter(({ findings }) => findings.verdict !== "unrelated"),
    }
}

/** What is concluded of a leak: one that reads as what is polled is from this program, whatever was read of copies. */
export function verdictOf({ best, polled }: Pick<Result, "best" | "polled">): Verdict {
    const verdict = best?.findings.verdict ?? "unrelated"
    return verdict === "unrelated" && polled.length > 0 ? "undecided" : verdict
}

/** The strongest that is said of anybody, where it is enough to name; else nothing. */
function weight({ findings }: Tested): number {
    return findings.verdict === "traced" ? (findings.ranking[0]?.log10e ?? 0) : 0
}

/** Persons of the operator whose copies it names: their part in it ends. */
export function namedIn({ best, others, quoted }: Pick<Result, "best" | "others" | "quoted">): string[] {
    const identified = [best, ...others].flatMap((tested) => tested?.findings.identified ?? [])
    const holders = quoted?.found.flatMap(({ recipient, decoy }) => (decoy ? [] : recipient)) ?? []
    return [...new Set(apart([...identified, ...holders]).persons)]
}

/** A figure as people read it: what rounds to nothing has no sign. */
export function rounded(log10e: number, digits: number): string {
    return log10e.toFixed(digits).replace(/^-(?=[0.]*$)/, "")
}

/** What was spent on a case, what is left, and why this text was weighed as it was. */
export function spendingInWords({ incident, tries, fresh, before, spent, left }: Omit<Spending, "factor">): string {
    const counted =
        before === 0
            ? `All ${fresh} slots that the text shows were weighed for the first time.`
            : `${fresh} slots were weighed for the first time. ${before} others were counted by earlier tries, and count once.`
    const another = incident > 1 ? " The text contradicts earlier ones of this version: it is another leak." : ""
    return (
        `Try ${tries} on this leak. ${counted}${another} Over all tries on the leaks of this case, an innocent recipient is ` +
        `identified with probability ${spent} at most. ${(100 * left).toPrecision(2)} % of that is left for recipients, ` +
        "versions and leaks that come later: they need more evidence to be identified."
    )
}

export function summaryOf({ best, quoted, polled }: Result): string {
    if (polled.length > 0 && best?.findings.verdict !== "traced") return ofPolled
    const quotes = quoted !== null && quoted.found.length > 0
    return quotes ? `${ofMarks(best)} It quotes a name that one copy alone holds: read that beside it.` : ofMarks(best)
}

function ofMarks(best: Result["best"]): string {
    if (best?.findings.unmarked.explains) return ofUnmarked
    const summary = summaries[best?.findings.verdict ?? "unrelated"]
    const lacking = best === null || best.findings.verdict === "unrelated" ? 0 : lackingOf(best.findings)
    return lacking === 0 ? summary : `${summary} About ${lacking} more would have to be read to name who fits best.`
}

const ofPolled =
    "This reads as the text that all pollers received: every slot is in its first form. They all hold it alike, and no mark tells " +
    "one of them from another. It names no partner and no person."

const ofUnmarked =
    "Every slot is in its first form, as in a text without marks. No partner was served this version unmarked. " +
    "Somebody may have written it independently. It names no partner and no person."

const summaries: Readonly<Record<Verdict, string>> = {
    traced: "The text fits the copy of whoever is named, far better than chance would.",
    undecided: "Marks were recognised, and too few of them to name a copy.",
    unrelated: `Fewer than ${readMin} marks were recognised: this may not be from what was handed out at all.`,
}
