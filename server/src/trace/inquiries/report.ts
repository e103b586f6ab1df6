/**
 * Builds the report document of an inquiry from its bundle alone, so that the two agree. The page and the PDF come from
 * this document.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Bundle, Leaf } from "@tocsin/marks/bundle/bundle"
import { weightDefault } from "@tocsin/marks/bundle/fixed-texts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, type ReportDocument, article, section, tableOf, textBlock } from "../../models/report-document.ts"
import { supportInWords } from "@tocsin/marks/evidence/hypotheses"
import { formatLog10e } from "../attribution/attribution.ts"
import { canaryCaution } from "../attribution/quotation.ts"
import { textOfEvent } from "./event-text.ts"
import { instructionBlocks, timingBlocks, touchBlocks } from "./report-parts.ts"
import { type NameOf, recipientName } from "./report-names.ts"

/** Builds the report. `sha256` is the hash of the bundle file, in hex. */
export function reportOf(bundle: Bundle, sha256: string): ReportDocument {
    const name = nameLookup(bundle)
    const content = [
        textBlock(
            `Report of an inquiry that is ${bundle.status}. Confidential: for the members of the inquiry, ` +
                "and for people who get it from them.",
        ),
        overviewTable(bundle, sha256, name),
        readingGuide(bundle),
        section("Findings", ...findingBlocks(bundle, name)),
        section(
            "Competing hypotheses",
            textBlock(
                "Members set the prior weight of each hypothesis before they look at the evidence. All partners " +
                    "share the weight of their hypothesis. No e-value contains a prior weight.",
            ),
            tableOf(
                ["Hypothesis", "Prior weight", "For", "Against"],
                bundle.hypotheses.map((hypothesis) => [
                    hypothesis.title,
                    weightText(hypothesis),
                    hypothesis.for,
                    hypothesis.against,
                ]),
            ),
        ),
        section("Evidence", evidenceTable(bundle, name)),
        section("Attributions", ...attributionBlocks(bundle, name)),
        section("Touched canaries", ...touchBlocks(bundle, name)),
        section("Timing", ...timingBlocks(bundle, name)),
        section("Tracing instructions", ...instructionBlocks(bundle, name)),
        section("Questions to partners", ...questionBlocks(bundle, name)),
        section("Attestations", attestationTable(bundle, name)),
        section(
            "Excluded people",
            tableOf(
                ["Person", "Since", "Excluded by", "Reason"],
                bundle.excluded.map((item) => [name(item.person), item.at, name(item.by), item.reason]),
            ),
        ),
        section("History", historyTable(bundle, name)),
        section(
            "Chain of custody",
            textBlock(
                "All events of the audit log that this report is about. A leaf is the place of an event in the log.",
            ),
            tableOf(
                ["Leaf", "Instant", "Event", "By"],
                bundle.leaves.map((leaf) => custodyRow(leaf, name)),
            ),
        ),
    ]
    return { name: `Report: ${bundle.title}`, title: bundle.title, content }
}

function historyTable(bundle: Bundle, name: NameOf): Block {
    const rows = bundle.history.map((entry) => [
        entry.outcome === null ? entry.kind : `${entry.kind}: ${entry.outcome}`,
        entry.at,
        name(entry.by),
        entry.reason,
    ])
    return tableOf(["Event", "Instant", "By", "Reason"], rows)
}

function weightText({ weight }: Bundle["hypotheses"][number]): string {
    return weight === undefined ? `${weightDefault}, the default` : String(weight)
}

/** Letters for copies that have no name here. */
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

function nameLookup({ names }: Bundle): NameOf {
    const known = new Map(names.map((item) => [item.id, item.name]))
    const unnamed = new Map<string, number>()
    return (id) => {
        const name = known.get(id)
        if (name !== undefined) return name
        const place = unnamed.get(id) ?? unnamed.size
        unnamed.set(id, place)
        return `not named here (${letters[place] ?? place + 1})`
    }
}

function overviewTable(bundle: Bundle, sha256: string, name: NameOf): Block {
    return tableOf(
        [],
        [
            ["Inquiry", bundle.title],
            ["Inquiry id", bundle.inquiry],
            ["Case", name(bundle.case)],
            ["Opened", `${bundle.openedAt}, by ${name(bundle.openedBy)}`],
            ["Members", bundle.members.map(name).join(", ")],
            ["Made", bundle.createdAt],
            ["Bundle", `SHA-256 ${sha256}`],
            ["Audit log", `${bundle.origin}, key ${bundle.verifierKey}`],
        ],
    )
}

function readingGuide({ caution }: Bundle): Block {
    const content = [
        caution,
        "An e-value says how much better a leak fits one copy than chance, by the random choices that Tocsin " +
            "made for this copy. It is not a " +
            "probability of guilt. It says nothing about intent, or about who used the copy.",
        "A finding is a conclusion that two members signed, with its confidence.",
        "The bundle that comes with this report has the same content, and tocsin verify checks it offline. " +
            "After the mark keys are disclosed, " +
            "an outside expert can compute the figures from an expert file. Then tocsin verify compares both.",
    ]
    return { kind: "caution", title: "How to read this report", content: content.map(textBlock) }
}

function findingBlocks(bundle: Bundle, name: NameOf): Block[] {
    if (bundle.findings.length === 0) return [textBlock("There are no findings.")]
    return bundle.findings.map((item) => {
        const answers = bundle.questions.filter(({ finding }) => finding === item.id)
        const state =
            item.confirmedAt === null
                ? "not confirmed"
                : `confirmed ${item.confirmedAt}, signed by ${name(item.signedBy ?? "")}`
        return article(
            `${item.partner === null ? "No partner" : name(item.partner)}: confidence ${item.confidence}`,
            textBlock(item.conclusion),
            textBlock(`Proposed ${item.proposedAt} by ${name(item.proposedBy)}; ${state}.`),
            ...(item.obligation === null
                ? []
                : [textBlock(`Breached: ${item.obligation.id}, ${item.obligation.text}`)]),
            ...answers.map((answer) =>
                textBlock(
                    answer.answer === null
                        ? `The partner got the finding summary: ${unansweredText(bundle, answer)}.`
                        : `Answer of the partner: ${answer.answer.text}`,
                ),
            ),
            ...(item.confirmedWithoutAnswer === null
                ? []
                : [textBlock(`Confirmed without answer: ${item.confirmedWithoutAnswer.reason}`)]),
            ...(item.partner !== null && answers.length === 0
                ? [textBlock("This inquiry sent the partner no finding summary.")]
                : []),
        )
    })
}

/** Says that a question has no answer, or that its deadline has not passed. */
function unansweredText({ createdAt }: Bundle, { answerBy }: Bundle["questions"][number]): string {
    return parseInstant(createdAt) < parseInstant(answerBy)
        ? `no answer yet, the deadline is ${answerBy}`
        : `no answer, the deadline was ${answerBy}`
}

function evidenceTable(bundle: Bundle, name: NameOf): Block {
    const rows = bundle.evidence.map((item) => [
        item.deletedAt === null
            ? `${item.name}; ${item.source}${item.note === "" ? "" : `; ${item.note}`}`
            : `Deleted ${item.deletedAt}, together with its analysis. Its hash and its chain of custody remain`,
        valueText(item.kind),
        `${item.observedAt} (clock ${item.clock})`,
        `${item.addedAt}, ${item.addedBy === null ? "Tocsin" : name(item.addedBy)}`,
        item.sha256 === null ? "none: only an instant" : `${item.size} bytes, SHA-256 ${item.sha256}`,
    ])
    return tableOf(["Evidence", "Kind", "Observed", "Added", "Content"], rows)
}

const shownMax = 5

type Attribution = Bundle["attributions"][number]

function attributionBlocks(input: Bundle, name: NameOf): Block[] {
    if (input.attributions.length === 0) return [textBlock("There are no attributions.")]
    return input.attributions.map((attribution) => {
        const identified = new Set(attribution.documents.flatMap(({ stated }) => stated.identified))
        const holder = (number: number) => {
            const input = attribution.numbers.find((other) => other.number === number)
            return input && identified.has(number) ? recipientName(input.recipient, name) : `copy ${number}`
        }
        const evidenceName = input.evidence.find(({ id }) => id === attribution.evidence)?.name ?? attribution.evidence
        // All recipients of the unmarked text hold the same text, so it counts against no copy.
        const weighed = attribution.documents.filter(({ stated }) => !stated.unmarked.explains)
        const rows = weighed.flatMap(({ artifact, version, stated, before = [] }) =>
            stated.log10e
                .map(([number, log10e]): [number, number] => [number, log10e + (new Map(before).get(number) ?? 0)])
                .toSorted((a, b) => b[1] - a[1])
                .slice(0, shownMax)
                .map(([number, log10e]) => [
                    `${name(artifact)}, version ${version}: ${stated.slots.read} of ${stated.slots.total} slots read`,
                    holder(number),
                    `${formatLog10e(log10e, 2)} (${supportInWords(log10e)})`,
                    `${stated.threshold.toFixed(2)}${stated.identified.includes(number) ? ": exceeded" : ""}`,
                ]),
        )
        return article(
            evidenceName,
            textBlock(
                `Verdict: ${attribution.verdict}, ${attribution.at}. An innocent holder is identified with a ` +
                    `probability of at most ${attribution.alpha}, over all attributions of leaks of this ` +
                    `case. ${comparisonText(attribution)}`,
            ),
            ...(rows.length === 0 ? [] : [textBlock(numberedText)]),
            ...(weighed.length < attribution.documents.length ? [textBlock(unmarkedText)] : []),
            ...quotationBlocks(attribution, name),
            tableOf(["Version", "Copy of", "log10 of the e-value", "Threshold"], rows),
        )
    })
}

const numberedText =
    "Copies have numbers. The report names a holder only where the e-value of its copy exceeds the threshold."

function comparisonText({ versions, untested }: Attribution): string {
    const compared = `The text was compared with ${versions} ${versions === 1 ? "version" : "versions"}.`
    if (untested === 0) return compared
    const rest = untested === 1 ? "1 more version has no marks" : `${untested} more versions have no marks`
    return `${compared} ${rest} that can be read.`
}

const unmarkedText =
    "The leak reads as the unmarked text, in which each slot has its first form. All partners that " +
    "were served this text have the same text. It identifies no copy."

function quotationBlocks(attribution: Attribution, name: NameOf): Block[] {
    if (attribution.quoted.length === 0) return []
    const holders = attribution.quoted.map((item) => recipientName(item, name)).join(" and of ")
    return [textBlock(`The leak quotes a canary that only the copy of ${holders} contains. ${canaryCaution}`)]
}

function questionBlocks(bundle: Bundle, name: NameOf): Block[] {
    if (bundle.questions.length === 0) return [textBlock("There are no questions.")]
    return bundle.questions.map((question) =>
        article(
            `${name(question.partner)}, ${question.askedAt}`,
            textBlock(question.text),
            textBlock(
                question.answer === null
                    ? `Asked: ${unansweredText(bundle, question)}.`
                    : `Answered ${question.answer.at} by ${name(question.answer.by)}: ${question.answer.text}`,
            ),
        ),
    )
}

function attestationTable(bundle: Bundle, name: NameOf): Block {
    const statements: Readonly<Record<string, readonly [yes: string, no: string]>> = {
        recall: ["copies of a recalled version are deleted", ""],
        question: ["the partner says that the copies are deleted", "the partner says that the copies are not deleted"],
        agreement: ["all obligations were met", "not all obligations were met"],
    }
    const rows = bundle.attestations.map((attestation) => {
        const [yes = "", no = ""] = statements[attestation.kind] ?? []
        return [name(attestation.partner), attestation.at, attestation.affirmed ? yes : no]
    })
    return tableOf(["Partner", "Instant", "Statement"], rows)
}

function custodyRow({ index, at, kind, body }: Leaf, name: NameOf): string[] {
    return [String(index), at, textOfEvent(kind), typeof body["by"] === "string" ? name(body["by"]) : "Tocsin"]
}
