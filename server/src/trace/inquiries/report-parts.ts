/** Builds parts of a report: touched canaries, timing, and tracing instructions. */
import { valueText } from "@tocsin/base/value-text"
import type { Bundle } from "@tocsin/marks/bundle/bundle"
import { type Block, tableOf, textBlock } from "../../models/report-document.ts"
import { supportInWords } from "@tocsin/marks/evidence/hypotheses"
import { formatLog10e } from "../attribution/attribution.ts"
import { type NameOf, recipientName } from "./report-names.ts"

/** Lists the touched canaries with the rate of decoys. */
export function touchBlocks({ touches: list }: Bundle, name: NameOf): Block[] {
    if (list.length === 0) return [textBlock("There are no touched canaries.")]
    const rows = list.map((item) => [
        `${item.kind} of ${name(item.artifact)}, version ${item.version}, case ${name(item.case)}`,
        item.recipient === null ? "none: a decoy" : recipientName(item.recipient, name),
        `${valueText(item.likelySource)}, by ${item.channel}: ${item.reasons.join("; ")}`,
        `${item.firstAt}; ${item.times === 1 ? "once" : `${item.times} times, last ${item.lastAt}`}`,
        rateOf(item.background),
    ])
    return [
        textBlock(
            "A touch has no e-value, because it is not a random choice of Tocsin. Each row shows how often the same " +
                "likely source touches decoys, which no partner has. Tools of a rightful holder can touch a canary " +
                "too. A touch alone identifies no partner.",
        ),
        tableOf(["Canary", "Copy of", "Likely source", "Touched", "Rate of decoys, at most"], rows),
    ]
}

function rateOf({ decoys, touched, rateMax }: Bundle["touches"][number]["background"]): string {
    if (decoys === 0) return "unknown: there are no decoys"
    return `${(100 * rateMax).toPrecision(2)} % (95 % confidence; ${touched} of ${decoys} decoys touched)`
}

/** Lists the timing. Names only partners that the report names elsewhere: holding a copy is no accusation. */
export function timingBlocks({ timing: part, hypotheses, evidence }: Bundle, name: NameOf): Block[] {
    const titles = new Map(hypotheses.map(({ key, title }) => [key, title]))
    const firstObservation =
        part.firstObservation === null
            ? "none"
            : `${part.firstObservation.at} (clock ${part.firstObservation.clock}), by the evidence ` +
              `${evidenceName(evidence, part.firstObservation.evidence)}`
    const rows = part.rows.map((row) => [
        `${titles.get(row.key) ?? row.key}${row.partner === null ? "" : `: ${name(row.partner)}`}`,
        row.since ?? "unknown",
        row.weight.toPrecision(3),
        row.log10 === null ? "not computed" : `${formatLog10e(row.log10, 2)} (${supportInWords(row.log10)})`,
    ])
    return [
        textBlock(part.caution),
        textBlock(`First observation: ${firstObservation}.`),
        tableOf(["Hypothesis", "Available since", "Prior weight", "log10 of the likelihood ratio"], rows),
        ...part.assumptions.map((assumption) => textBlock(assumption)),
    ]
}

const evidenceName = (evidence: Bundle["evidence"], id: string): string =>
    evidence.find((item) => item.id === id)?.name ?? id

/** Lists the tracing instructions with their extensions. */
export function instructionBlocks({ tracingInstructions: list }: Bundle, name: NameOf): Block[] {
    if (list.length === 0) return [textBlock("There are no tracing instructions.")]
    const rows = list.map((item) => [
        `code design for up to ${item.colluders} colluders: ${item.class} of case ${name(item.case)}`,
        item.reason,
        `${name(item.requestedBy)}, ${item.requestedAt}; ` +
            `${item.signedBy === null ? "not signed" : `signed by ${name(item.signedBy)}`}`,
        item.activatedAt === null ? "never" : `since ${item.activatedAt}`,
        [
            item.endedAt === null ? "" : `ended ${item.endedAt}`,
            ...item.extensions.map((extension) => describeExtension(extension, name)),
        ]
            .filter((item) => item !== "")
            .join("; "),
    ])
    return [tableOf(["Instruction", "Reason", "Proposed and signed by", "Active", "End and extensions"], rows)]
}

function describeExtension(
    extension: Bundle["tracingInstructions"][number]["extensions"][number],
    name: NameOf,
): string {
    if (extension.extendedAt === null) return `extension until ${extension.until} requested, not signed`
    return (
        `extended ${extension.extendedAt} until ${extension.until}, signed by ${name(extension.signedBy ?? "")}; ` +
        `responsible: ${name(extension.owner)}; reason: ${extension.reason}`
    )
}
