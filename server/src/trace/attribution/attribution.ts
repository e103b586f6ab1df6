/**
 * An attribution compares how well a leaked text fits each copy of partners and staff with chance. It covers every
 * version that the text can come from. Each matching version and each later try takes a share of the allowed error.
 * Over all tries on a case's leaks, α bounds the probability that an innocent recipient is identified.
 */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import type { Instant } from "@tocsin/base/instant"
import { separateOwners } from "@tocsin/marks/recipient"
import type { ArtifactVersion } from "../../trust/approvals/approval.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Findings, type Verdict, readMin } from "@tocsin/marks/evidence"
import { missingSlotsOf } from "@tocsin/marks/evidence/hypotheses"
import type { Quotations } from "./quotation.ts"
import type { WeighedFindings } from "@tocsin/marks/evidence/typography"

/** The error of one leak. At fifty leaks a year, one innocent recipient is identified in twenty thousand years. */
export const alphaDefault = 1e-6
const alphaMin = 1e-9
const alphaMax = 1e-2
/** A larger error needs a second signature. */
export const alphaOnePersonMax = 1e-3

/** One version that the leak was read against. */
export interface TestedVersion {
    readonly artifact: string
    readonly version: number
    readonly findings: WeighedFindings
    /** The reading of each slot, made before any codeword was looked at. */
    readonly symbols: readonly Symbol[]
    /** The cost of the try. Missing where the text showed no codeword, which costs nothing. */
    readonly spending?: Spending
}

/** The cost of this try within all tries on the leaks of a case. */
export interface Spending {
    /** The number of the version's leak, from 1. A new leak contradicts all earlier readings. */
    readonly incident: number
    /** Tries on that leak, with this one. */
    readonly attempts: number
    /** `fresh` counts the slots that no earlier try had shown: only they were weighed. `before` counts the others. */
    readonly fresh: number
    readonly before: number
    /**
     * The largest α of all tries on the case. It bounds the probability that any of them identifies an innocent
     * recipient.
     */
    readonly spent: number
    /** The fraction of the error that is left for later recipients, versions and leaks. */
    readonly left: number
    /** Whether a part of it was spent before the database was restored. Missing in results from before. */
    readonly restored?: boolean
    /** Of a later try: its fresh slots, their findings, and log10 of each recipient's result from earlier tries. */
    readonly factor: {
        readonly symbols: readonly Symbol[]
        readonly findings: Findings
        readonly before: readonly (readonly [recipient: string, log10e: number])[]
    } | null
}

/** The result that is stored as ciphertext. */
export interface AttributionResult {
    /** Bounds the probability that an innocent recipient is identified, over all tries on the case's leaks. */
    readonly alpha: number
    /** The number of versions that the text was read against. */
    readonly tests: number
    /** Delivered versions that could not be read against: they carry no marks, or exceed the limits of reading. */
    readonly untested: number
    readonly documents: readonly {
        readonly artifact: string
        readonly version: number
        readonly verdict: Verdict
        readonly slotsRead: number
        readonly identified: readonly string[]
    }[]
    /** The version that fits best. Null where no version was delivered. */
    readonly best: TestedVersion | null
    /** Canaries in the text. Null where none was looked for. */
    readonly quoted: Quotations | null
    /** Other versions that the text was recognised as. An expert computes these again too. */
    readonly others: readonly TestedVersion[]
    /**
     * Versions that partners were served unmarked and whose unmarked text this is. All these partners hold the same
     * text.
     */
    readonly polled: readonly ArtifactVersion[]
}

/** One run of attribution for one piece of evidence. */
export interface Attribution {
    readonly id: string
    readonly evidence: string
    readonly verdict: Verdict
    readonly at: Instant
    /** Null where Tocsin attributed the leak when it was added. */
    readonly createdBy: string | null
    readonly result: AttributionResult
}

/** Validates the allowed error. Refuses `attribution.bad_alpha`. */
export function validateAlpha(alpha: number): void {
    if (alpha >= alphaMin && alpha <= alphaMax) return
    refuse("invalid", "attribution.bad_alpha", `alpha must be from \`${alphaMin}\` to \`${alphaMax}\``, {
        min: alphaMin,
        max: alphaMax,
    })
}

/**
 * Builds the result. The best version is the one that identifies a recipient most strongly, else the one with most
 * slots read.
 */
export function resultOf(
    tested: readonly TestedVersion[],
    alpha: number,
    untested: number,
    quoted: Quotations | null,
): Omit<AttributionResult, "polled"> {
    const ranked = tested.toSorted(
        (a, b) => strengthOf(b) - strengthOf(a) || b.findings.slots.read - a.findings.slots.read,
    )
    return {
        alpha,
        tests: tested.length,
        untested,
        documents: ranked.map(({ artifact, version, findings }) => ({
            artifact,
            version,
            verdict: findings.verdict,
            slotsRead: findings.slots.read,
            identified: findings.identified,
        })),
        best: ranked[0] ?? null,
        quoted,
        others: ranked.slice(1).filter(({ findings }) => findings.verdict !== "unrelated"),
    }
}

/**
 * Returns the verdict on a leak. A text that partners poll unmarked comes from this program, whatever was read of
 * copies.
 */
export function verdictOf({ best, polled }: Pick<AttributionResult, "best" | "polled">): Verdict {
    const verdict = best?.findings.verdict ?? "unrelated"
    return verdict === "unrelated" && polled.length > 0 ? "undecided" : verdict
}

/** Returns the strongest log10 e-value where it identifies a recipient, else 0. */
function strengthOf({ findings }: TestedVersion): number {
    return findings.verdict === "traced" ? (findings.ranking[0]?.log10e ?? 0) : 0
}

/** Lists the staff whose copies the result identifies. */
export function identifiedStaffOf({
    best,
    others,
    quoted,
}: Pick<AttributionResult, "best" | "others" | "quoted">): string[] {
    const identified = [best, ...others].flatMap((tested) => tested?.findings.identified ?? [])
    const holders = quoted?.found.flatMap(({ recipient, decoy }) => (decoy ? [] : recipient)) ?? []
    return [...new Set(separateOwners([...identified, ...holders]).people)]
}

/** Formats a figure for people, without the sign of a value that rounds to zero. */
export function formatLog10e(log10e: number, digits: number): string {
    return log10e.toFixed(digits).replace(/^-(?=[0.]*$)/, "")
}

/** Describes what was spent on a case, what is left, and which slots of this text counted. */
export function describeSpending(spending: Omit<Spending, "factor">): string {
    const { incident, attempts, fresh, before, spent, left, restored = false } = spending
    const counted =
        before === 0
            ? `All ${fresh} slots that the text shows were weighed for the first time.`
            : `${fresh} slots were weighed for the first time. ${before} others were counted by earlier tries, ` +
              "and count once."
    const another = incident > 1 ? " The text contradicts earlier texts of this version: it is another leak." : ""
    const lost = restored ? ` ${restoredText}` : ""
    return (
        `Try ${attempts} on this leak. ${counted}${another}${lost} ` +
        "Over all tries on the leaks of this case, an innocent " +
        `recipient is identified with probability ${spent} at most. ${(100 * left).toPrecision(2)} % of that is left ` +
        "for later recipients, versions and leaks: they need more evidence to be identified."
    )
}

const restoredText =
    "Tries were made before the database was restored: their results are lost, and the slots that they showed count " +
    "no further."

/** Summarises a result in sentences. */
export function summaryOf({ best, quoted, polled }: AttributionResult): string {
    if (polled.length > 0 && best?.findings.verdict !== "traced") return polledSummary
    const hasQuotation = quoted !== null && quoted.found.length > 0
    return hasQuotation
        ? `${marksSummary(best)} It quotes a name that only one copy contains: read both findings together.`
        : marksSummary(best)
}

function marksSummary(best: AttributionResult["best"]): string {
    if (best?.findings.unmarked.explains) return unmarkedSummary
    const summary = summaries[best?.findings.verdict ?? "unrelated"]
    const missingSlots = best === null || best.findings.verdict === "unrelated" ? 0 : missingSlotsOf(best.findings)
    return missingSlots === 0
        ? summary
        : `${summary} About ${missingSlots} more must be read to identify the recipient that fits best.`
}

const polledSummary =
    "This reads as the text that all pollers received: every slot is in its first form. All of them have the same " +
    "text, and no mark distinguishes them. It identifies no partner and no person."

const unmarkedSummary =
    "Every slot is in its first form, as in a text without marks. No partner was served this version unmarked. " +
    "The text may have been written independently. It identifies no partner and no person."

const summaries: Readonly<Record<Verdict, string>> = {
    traced: "The text fits the identified copy far better than chance would.",
    undecided: "Marks were recognised, but too few to identify a copy.",
    unrelated: `Fewer than ${readMin} marks were recognised: this text may come from no copy at all.`,
}
