/** Parts of a report: touched canaries, timing, and tracing instructions. */
import type { Bundle } from "../../lib/bundle.ts"
import { type Block, tableOf, words } from "../../lib/paper.ts"
import { inWords } from "../../lib/evidence/hypotheses.ts"
import { rounded } from "../attribution/attribution.ts"
import { type NameOf, named } from "./report-names.ts"

export function touches({ touches: all = [] }: Bundle, name: NameOf): Block[] {
    if (all.length === 0) return [words("There are no touched canaries.")]
    const rows = all.map((one) => [
        `${one.kind} of ${name(one.artifact)}, version ${one.version}, case ${name(one.case)}`,
        one.recipient === null ? "none: a decoy" : named(one.recipient, name),
        `${one.grade}, by ${one.channel}: ${one.reasons.join("; ")}`,
        `${one.firstAt}; ${one.times === 1 ? "once" : `${one.times} times, last ${one.lastAt}`}`,
        rateOf(one.background),
    ])
    return [
        words(
            "A touch has no e-value, because it is not a random choice of Tocsin. Each row says how often decoys, which no partner has, are " +
                "touched by the same likely source. Tools of a rightful holder can touch a canary too. A touch alone identifies no partner.",
        ),
        tableOf(["Canary", "Copy of", "Likely source", "Touched", "Rate of decoys, at most"], rows),
    ]
}

function rateOf({ decoys, touched, upTo }: NonNullable<Bundle["touches"]>[number]["background"]): string {
    if (decoys === 0) return "unknown: there are no decoys"
    return `${(100 * upTo).toPrecision(2)} % (95 % confidence; ${touched} of ${decoys} decoys touched)`
}

/** Names only partners that the report names elsewhere: holding a copy is no accusation. */
export function timing({ timing: its, explanations, evidence }: Bundle, name: NameOf): Block[] {
    if (its === undefined) return [words("This bundle has no timing: it was made by an earlier version of Tocsin.")]
    const titles = new Map(explanations.map(({ key, title }) => [key, title]))
    const seen =
        its.seen === null
            ? "none"
            : `${its.seen.at} (clock ${its.seen.clock}), by the evidence ${evidenceNamed(evidence, its.seen.evidence)}`
    const rows = its.rows.map((one) => [
        `${titles.get(one.key) ?? one.key}${one.partner === null ? "" : `: ${name(one.partner)}`}`,
        one.since ?? "unknown",
        one.weight.toPrecision(3),
        one.log10 === null ? "not computed" : `${rounded(one.log10, 2)} (${inWords(one.log10)})`,
    ])
    return [
        words(its.caution),
        words(`First observation: ${seen}.`),
        tableOf(["Hypothesis", "Available since", "Prior weight", "log10 of the likelihood ratio"], rows),
        ...its.assumptions.map((one) => words(one)),
    ]
}

const evidenceNamed = (all: Bundle["evidence"], id: string): string => all.find((one) => one.id === id)?.name ?? id

export function provisions({ provisions: all = [] }: Bundle, name: NameOf): Block[] {
    if (all.length === 0) return [words("There are no tracing instructions.")]
    const rows = all.map((one) => [
        `code design for up to ${one.colluders} colluders: ${one.class} of case ${name(one.case)}`,
        one.reason,
        `${name(one.askedBy)}, ${one.askedAt}; ${one.signedBy === null ? "not signed" : `signed by ${name(one.signedBy)}`}`,
        one.inForceAt === null ? "never" : `since ${one.inForceAt}`,
        [one.endedAt === null ? "" : `ended ${one.endedAt}`, ...one.carryings.map((its) => carried(its, name))]
            .filter((one) => one !== "")
            .join("; "),
    ])
    return [tableOf(["Instruction", "Reason", "Proposed and signed by", "Active", "End and extensions"], rows)]
}

function carried(its: NonNullable<Bundle["provisions"]>[number]["carryings"][number], name: NameOf): string {
    if (its.carriedAt === null) return `extension until ${its.until} requested, not signed`
    return `extended ${its.carriedAt} until ${its.until}, signed by ${name(its.signedBy ?? "")}; responsible: ${name(its.owner)}; reason: ${its.reason}`
}
