/**
 * Builds the report document of an inquiry from its bundle alone, so that the two agree. The page and the PDF come from
 * this document.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Bundle, Leaf } from "@tocsin/marks/bundle/bundle"
import { weightDefault } from "@tocsin/marks/bundle/fixed-texts"
import { parseInstant } from "@tocsin/base/instant"
import { type Block, type Paper, article, section, tableOf, words } from "../../models/report-document.ts"
import { inWords } from "@tocsin/marks/evidence/hypotheses"
import { rounded } from "../attribution/attribution.ts"
import { cautionOfNames } from "../attribution/quotation.ts"
import { textOfEvent } from "./event-text.ts"
import { provisions, timing, touches } from "./report-history.ts"
import { type NameOf, named } from "./report-names.ts"

/** Builds the report. `sha256` is the hash of the bundle file, in hex. */
export function reportOf(input: Bundle, sha256: string): Paper {
    const name = nameIn(input)
    const content = [
        words(
            `Report of an inquiry that is ${input.course}. Confidential: for the members of the inquiry, ` +
                "and for the people to whom they give it.",
        ),
        opening(input, sha256, name),
        limits(input),
        section("Findings", ...findings(input, name)),
        section(
            "Competing hypotheses",
            words(
                "Members set the prior weight of each hypothesis before they look at the evidence. All " +
                    "partners share the weight of their " +
                    "hypothesis. No e-value contains a prior weight.",
            ),
            tableOf(
                ["Hypothesis", "Prior weight", "For", "Against"],
                input.explanations.map((explanation) => [
                    explanation.title,
                    weightIn(explanation),
                    explanation.for,
                    explanation.against,
                ]),
            ),
        ),
        section("Evidence", evidence(input, name)),
        section("Attributions", ...attributions(input, name)),
        section("Touched canaries", ...touches(input, name)),
        section("Timing", ...timing(input, name)),
        section("Tracing instructions", ...provisions(input, name)),
        section("Questions to partners", ...questions(input, name)),
        section("Attestations", attestations(input, name)),
        section(
            "Excluded people",
            tableOf(
                ["Person", "Since", "Excluded by", "Reason"],
                input.excluded.map((item) => [name(item.person), item.at, name(item.by), item.reason]),
            ),
        ),
        section("History", turns(input, name)),
        section(
            "Chain of custody",
            words("All events of the audit log that this report is about. A leaf is the place of an event in the log."),
            tableOf(
                ["Leaf", "Instant", "Event", "By"],
                input.leaves.map((leaf) => custody(leaf, name)),
            ),
        ),
    ]
    return { name: `Report: ${input.title}`, title: input.title, content }
}

function turns(input: Bundle, name: NameOf): Block {
    const rows = input.turns.map((turn) => [
        turn.outcome === null ? turn.kind : `${turn.kind}: ${turn.outcome}`,
        turn.at,
        name(turn.by),
        turn.reason,
    ])
    return tableOf(["Event", "Instant", "By", "Reason"], rows)
}

function weightIn({ weight }: Bundle["explanations"][number]): string {
    return weight === undefined ? `${weightDefault}, the default` : String(weight)
}

/** Letters for copies that have no name here. */
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

function nameIn({ names }: Bundle): NameOf {
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

function opening(input: Bundle, sha256: string, name: NameOf): Block {
    return tableOf(
        [],
        [
            ["Inquiry", input.title],
            ["Inquiry id", input.inquiry],
            ["Case", name(input.case)],
            ["Opened", `${input.openedAt}, by ${name(input.openedBy)}`],
            ["Members", input.members.map(name).join(", ")],
            ["Made", input.madeAt],
            ["Bundle", `SHA-256 ${sha256}`],
            ["Audit log", `${input.origin}, key ${input.verifierKey}`],
        ],
    )
}

function limits({ caution }: Bundle): Block {
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
    return { kind: "caution", title: "How to read this report", content: content.map(words) }
}

function findings(input: Bundle, name: NameOf): Block[] {
    if (input.findings.length === 0) return [words("There are no findings.")]
    return input.findings.map((item) => {
        const answers = input.questions.filter(({ finding }) => finding === item.id)
        const state =
            item.confirmedAt === null
                ? "not confirmed"
                : `confirmed ${item.confirmedAt}, signed by ${name(item.signedBy ?? "")}`
        return article(
            `${item.partner === null ? "No partner" : name(item.partner)}: confidence ${item.confidence}`,
            words(item.conclusion),
            words(`Proposed ${item.proposedAt} by ${name(item.proposedBy)}; ${state}.`),
            ...(item.obligation === null ? [] : [words(`Breached: ${item.obligation.id}, ${item.obligation.text}`)]),
            ...answers.map((answer) =>
                words(
                    answer.answer === null
                        ? `The partner got the finding summary: ${unanswered(input, answer)}.`
                        : `Answer of the partner: ${answer.answer.text}`,
                ),
            ),
            ...(item.unheard === null ? [] : [words(`Confirmed without answer: ${item.unheard.reason}`)]),
            ...(item.partner !== null && answers.length === 0
                ? [words("This inquiry sent the partner no finding summary.")]
                : []),
        )
    })
}

/** Says that a question has no answer, or that its deadline has not passed. */
function unanswered({ madeAt }: Bundle, { answerBy }: Bundle["questions"][number]): string {
    return parseInstant(madeAt) < parseInstant(answerBy)
        ? `no answer yet, the deadline is ${answerBy}`
        : `no answer, the deadline was ${answerBy}`
}

function evidence(input: Bundle, name: NameOf): Block {
    const rows = input.evidence.map((item) => [
        item.deletedAt === null
            ? `${item.name}; ${item.source}${item.note === "" ? "" : `; ${item.note}`}`
            : `Deleted ${item.deletedAt}, together with its analysis. Its hash and its chain of custody remain`,
        valueText(item.kind),
        `${item.seenAt} (clock ${item.clock})`,
        `${item.filedAt}, ${item.filedBy === null ? "Tocsin" : name(item.filedBy)}`,
        item.sha256 === null ? "none: only an instant" : `${item.size} bytes, SHA-256 ${item.sha256}`,
    ])
    return tableOf(["Evidence", "Kind", "Observed", "Added", "Content"], rows)
}

const shownMax = 5

type Attribution = Bundle["attributions"][number]

function attributions(input: Bundle, name: NameOf): Block[] {
    if (input.attributions.length === 0) return [words("There are no attributions.")]
    return input.attributions.map((attribution) => {
        const identified = new Set(attribution.documents.flatMap(({ stated }) => stated.identified))
        const person = (number: number) => {
            const input = attribution.numbers.find((other) => other.number === number)
            return input && identified.has(number) ? named(input.recipient, name) : `copy ${number}`
        }
        const about = input.evidence.find(({ id }) => id === attribution.evidence)?.name ?? attribution.evidence
        // All recipients of the unmarked text hold the same text, so it counts against no copy.
        const weighed = attribution.documents.filter(({ stated }) => !stated.unmarked.explains)
        const rows = weighed.flatMap(({ artifact, version, stated, before = [] }) =>
            stated.log10e
                .map(([number, log10e]): [number, number] => [number, log10e + (new Map(before).get(number) ?? 0)])
                .toSorted((a, b) => b[1] - a[1])
                .slice(0, shownMax)
                .map(([number, log10e]) => [
                    `${name(artifact)}, version ${version}: ${stated.slots.read} of ${stated.slots.total} slots read`,
                    person(number),
                    `${rounded(log10e, 2)} (${inWords(log10e)})`,
                    `${stated.bar.toFixed(2)}${stated.identified.includes(number) ? ": exceeded" : ""}`,
                ]),
        )
        return article(
            about,
            words(
                `Verdict: ${attribution.verdict}, ${attribution.at}. An innocent holder is identified with a ` +
                    `probability of at most ${attribution.alpha}, over all attributions of leaks of this ` +
                    `case. ${comparedWith(attribution)}`,
            ),
            ...(rows.length === 0 ? [] : [words(numberedWords)]),
            ...(weighed.length < attribution.documents.length ? [words(unmarkedWords)] : []),
            ...quoted(attribution, name),
            tableOf(["Version", "Copy of", "log10 of the e-value", "Threshold"], rows),
        )
    })
}

const numberedWords =
    "Copies have numbers. The report names a holder only where the e-value of its copy exceeds the threshold."

function comparedWith({ versions, untested }: Attribution): string {
    const compared = `The text was compared with ${versions} ${versions === 1 ? "version" : "versions"}.`
    if (untested === 0) return compared
    const rest = untested === 1 ? "1 more version has no marks" : `${untested} more versions have no marks`
    return `${compared} ${rest} that can be read.`
}

const unmarkedWords =
    "The leak reads as the unmarked text, in which each slot has its first form. All partners that " +
    "were served this text have the same text. It identifies no copy."

function quoted(input: Attribution, name: NameOf): Block[] {
    if (input.quoted.length === 0) return []
    const holders = input.quoted.map((item) => named(item, name)).join(" and of ")
    return [words(`The leak quotes a canary that only the copy of ${holders} contains. ${cautionOfNames}`)]
}

function questions(input: Bundle, name: NameOf): Block[] {
    if (input.questions.length === 0) return [words("There are no questions.")]
    return input.questions.map((question) =>
        article(
            `${name(question.partner)}, ${question.askedAt}`,
            words(question.text),
            words(
                question.answer === null
                    ? `Asked: ${unanswered(input, question)}.`
                    : `Answered ${question.answer.at} by ${name(question.answer.by)}: ${question.answer.text}`,
            ),
        ),
    )
}

function attestations(input: Bundle, name: NameOf): Block {
    const subject: Readonly<Record<string, readonly [yes: string, no: string]>> = {
        recall: ["copies of a recalled version are deleted", ""],
        question: ["the partner says that the copies are deleted", "the partner says that the copies are not deleted"],
        agreement: ["all obligations were met", "not all obligations were met"],
    }
    const rows = input.attestations.map((attestation) => {
        const [yes = "", no = ""] = subject[attestation.of] ?? []
        return [name(attestation.partner), attestation.at, attestation.affirmed ? yes : no]
    })
    return tableOf(["Partner", "Instant", "Statement"], rows)
}

function custody({ index, at, kind, body }: Leaf, name: NameOf): string[] {
    return [String(index), at, textOfEvent(kind), typeof body["by"] === "string" ? name(body["by"]) : "Tocsin"]
}
