/** Of a report: canaries that were touched, what time alone says, and what was put in force for next releases. */
import type { Bundle } from "../../lib/bundle.ts"
import { type Block, tableOf, words } from "../../lib/paper.ts"
import { inWords, rounded } from "../attribution/attribution.ts"
import { type NameOf, named } from "./report-names.ts"

export function touches({ touches: all = [] }: Bundle, name: NameOf): Block[] {
    if (all.length === 0) return [words("None is evidence here.")]
    const rows = all.map((one) => [
        `${one.kind} of ${name(one.artifact)}, version ${one.version}, case ${name(one.case)}`,
        one.recipient === null ? "nobody: a decoy" : named(one.recipient, name),
        `${one.grade}, by ${one.channel}: ${one.reasons.join("; ")}`,
        `${one.firstAt}; ${one.times} in all, the last ${one.lastAt}`,
        rateOf(one.background),
    ])
    return [
        words(
            "A touch has no e-value: no coin of the program's is behind it. Beside it stands how often names are touched at its grade that " +
                "nobody has. What tools of a rightful holder do is not known. It accuses nobody alone.",
        ),
        tableOf(["What", "Copy of", "Grade", "When", "Without a copy, at most"], rows),
    ]
}

function rateOf({ decoys, touched, upTo }: NonNullable<Bundle["touches"]>[number]["background"]): string {
    if (decoys === 0) return "not known: there are no decoys"
    return `${(100 * upTo).toPrecision(2)} % of names (95 % confidence; ${touched} of ${decoys} decoys)`
}

/** To have held a copy is held against no partner: those alone have a name here whom the report names elsewhere. */
export function timing({ timing: its, explanations, evidence }: Bundle, name: NameOf): Block[] {
    if (its === undefined) return [words("It is older than what would tell that.")]
    const titles = new Map(explanations.map(({ key, title }) => [key, title]))
    const seen =
        its.seen === null
            ? "nothing"
            : `${its.seen.at} (clock ${its.seen.clock}), evidence ${evidenceNamed(evidence, its.seen.evidence)}`
    const rows = its.rows.map((one) => [
        `${titles.get(one.key) ?? one.key}${one.partner === null ? "" : `: ${name(one.partner)}`}`,
        one.since ?? "not known",
        one.weight.toPrecision(3),
        one.log10 === null ? "says nothing" : `${rounded(one.log10, 2)} (${inWords(one.log10)})`,
    ])
    return [
        words(its.caution),
        words(`Seen first: ${seen}.`),
        tableOf(["Explanation", "To be had since", "Weight", "log10 of the likelihood ratio"], rows),
        ...its.assumptions.map((one) => words(one)),
    ]
}

const evidenceNamed = (all: Bundle["evidence"], id: string): string => all.find((one) => one.id === id)?.name ?? id

export function provisions({ provisions: all = [] }: Bundle, name: NameOf): Block[] {
    if (all.length === 0) return [words("Nothing was chosen.")]
    const rows = all.map((one) => [
        `words drawn for up to ${one.colluders} who put copies together: ${one.class} of case ${name(one.case)}`,
        one.reason,
        `${name(one.askedBy)}, ${one.askedAt}; ${one.signedBy === null ? "not put in force" : `signed by ${name(one.signedBy)}`}`,
        one.inForceAt === null ? "never" : `since ${one.inForceAt}`,
        [one.endedAt === null ? "" : `ended ${one.endedAt}`, ...one.carryings.map((its) => carried(its, name))]
            .filter((one) => one !== "")
            .join("; "),
    ])
    return [tableOf(["What", "Why", "By", "In force", "What became of it"], rows)]
}

function carried(its: NonNullable<Bundle["provisions"]>[number]["carryings"][number], name: NameOf): string {
    if (its.carriedAt === null) return `asked to go on until ${its.until}, and not carried on so`
    return `carried on ${its.carriedAt} until ${its.until}, signed by ${name(its.signedBy ?? "")}; ${name(its.owner)} answers for it: ${its.reason}`
}
