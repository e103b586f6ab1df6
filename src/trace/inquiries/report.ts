/**
 * The report of an inquiry as a paper: made of its bundle and nothing else, so that the two cannot disagree. Page and PDF are made
 * of the paper.
 */
import type { Bundle, Leaf } from "../../lib/bundle.ts"
import { weightDefault } from "../../lib/bundle/fixed.ts"
import { parseInstant } from "../../lib/instant.ts"
import { type Block, type Paper, article, section, tableOf, words } from "../../lib/paper.ts"
import { inWords } from "../../lib/evidence/hypotheses.ts"
import { rounded } from "../attribution/attribution.ts"
import { cautionOfNames } from "../attribution/quoted.ts"
import { textOfEvent } from "./event-text.ts"
import { provisions, timing, touches } from "./report-beside.ts"
import { type NameOf, named } from "./report-names.ts"

/** `sha256` is that of the bundle as a file, in hex. */
export function reportOf(its: Bundle, sha256: string): Paper {
    const name = nameIn(its)
    const content = [
        words(
            `Report of an inquiry that is ${its.course}. Confidential: for the members of the inquiry, and for the people to whom they give it.`,
        ),
        opening(its, sha256, name),
        limits(its),
        section("Findings", ...findings(its, name)),
        section(
            "Competing hypotheses",
            words(
                "Members set the prior weight of each hypothesis before they look at the evidence. All partners share the weight of their " +
                    "hypothesis. No e-value contains a prior weight.",
            ),
            tableOf(
                ["Hypothesis", "Prior weight", "For", "Against"],
                its.explanations.map((one) => [one.title, weightIn(one), one.for, one.against]),
            ),
        ),
        section("Evidence", evidence(its, name)),
        section("Attributions", ...attributions(its, name)),
        section("Touched canaries", ...touches(its, name)),
        section("Timing", ...timing(its, name)),
        section("Tracing instructions", ...provisions(its, name)),
        section("Questions to partners", ...questions(its, name)),
        section("Attestations", attestations(its, name)),
        section(
            "Excluded people",
            tableOf(
                ["Person", "Since", "Excluded by", "Reason"],
                its.excluded.map((one) => [name(one.person), one.at, name(one.by), one.reason]),
            ),
        ),
        section("History", turns(its, name)),
        section(
            "Chain of custody",
            words("All events of the audit log that this report is about. A leaf is the place of an event in the log."),
            tableOf(
                ["Leaf", "Instant", "Event", "By"],
                its.leaves.map((one) => custody(one, name)),
            ),
        ),
    ]
    return { name: `Report: ${its.title}`, title: its.title, content }
}

function turns(its: Bundle, name: NameOf): Block {
    const rows = its.turns.map((one) => [
        one.outcome === null ? one.kind : `${one.kind}: ${one.outcome}`,
        ...[one.at, name(one.by), one.reason],
    ])
    return tableOf(["Event", "Instant", "By", "Reason"], rows)
}

function weightIn({ weight }: Bundle["explanations"][number]): string {
    return weight === undefined ? `${weightDefault}, the default` : String(weight)
}

/** Numbers are of copies: what has no name here has a letter. */
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

function nameIn({ names }: Bundle): NameOf {
    const known = new Map(names.map((one) => [one.id, one.name]))
    const unnamed = new Map<string, number>()
    return (id) => {
        const name = known.get(id)
        if (name !== undefined) return name
        const place = unnamed.get(id) ?? unnamed.size
        unnamed.set(id, place)
        return `not named here (${letters[place] ?? place + 1})`
    }
}

function opening(its: Bundle, sha256: string, name: NameOf): Block {
    return tableOf(
        [],
        [
            ["Inquiry", its.title],
            ["Inquiry id", its.inquiry],
            ["Case", name(its.case)],
            ["Opened", `${its.openedAt}, by ${name(its.openedBy)}`],
            ["Members", its.members.map(name).join(", ")],
            ["Made", its.madeAt],
            ["Bundle", `SHA-256 ${sha256}`],
            ["Audit log", `${its.origin}, key ${its.verifierKey}`],
        ],
    )
}

function limits({ caution }: Bundle): Block {
    const content = [
        caution,
        "An e-value says how much better a leak fits one copy than chance, by the random choices that Tocsin made for this copy. It is not a " +
            "probability of guilt. It says nothing about intent, or about who used the copy.",
        "A finding is a conclusion that two members signed, with its confidence.",
        "The bundle that comes with this report has the same content, and tocsin verify checks it offline. After the mark keys are disclosed, " +
            "an outside expert can compute the figures from an expert file. Then tocsin verify compares both.",
    ]
    return { kind: "caution", title: "How to read this report", content: content.map(words) }
}

function findings(its: Bundle, name: NameOf): Block[] {
    if (its.findings.length === 0) return [words("There are no findings.")]
    return its.findings.map((one) => {
        const answers = its.questions.filter(({ finding }) => finding === one.id)
        const state =
            one.confirmedAt === null
                ? "not confirmed"
                : `confirmed ${one.confirmedAt}, signed by ${name(one.signedBy ?? "")}`
        return article(
            `${one.partner === null ? "No partner" : name(one.partner)}: confidence ${one.confidence}`,
            words(one.conclusion),
            words(`Proposed ${one.proposedAt} by ${name(one.proposedBy)}; ${state}.`),
            ...(one.obligation === null ? [] : [words(`Breached: ${one.obligation.id}, ${one.obligation.text}`)]),
            ...answers.map((asked) =>
                words(
                    asked.answer === null
                        ? `The partner got the finding summary: ${unanswered(its, asked)}.`
                        : `Answer of the partner: ${asked.answer.text}`,
                ),
            ),
            ...(one.unheard === null ? [] : [words(`Confirmed without answer: ${one.unheard.reason}`)]),
            ...(one.partner !== null && answers.length === 0
                ? [words("This inquiry sent the partner no finding summary.")]
                : []),
        )
    })
}

/** Whose time still runs has not kept silent. */
function unanswered({ madeAt }: Bundle, { answerBy }: Bundle["questions"][number]): string {
    return parseInstant(madeAt) < parseInstant(answerBy)
        ? `no answer yet, the deadline is ${answerBy}`
        : `no answer, the deadline was ${answerBy}`
}

function evidence(its: Bundle, name: NameOf): Block {
    const rows = its.evidence.map((one) => [
        one.deletedAt === null
            ? `${one.name}; ${one.source}${one.note === "" ? "" : `; ${one.note}`}`
            : `Deleted ${one.deletedAt}, together with its analysis. Its hash and its chain of custody remain`,
        one.kind,
        `${one.seenAt} (clock ${one.clock})`,
        `${one.filedAt}, ${one.filedBy === null ? "Tocsin" : name(one.filedBy)}`,
        one.sha256 === null ? "none: only an instant" : `${one.size} bytes, SHA-256 ${one.sha256}`,
    ])
    return tableOf(["Evidence", "Kind", "Observed", "Added", "Content"], rows)
}

const shownMax = 5

type Attribution = Bundle["attributions"][number]

function attributions(its: Bundle, name: NameOf): Block[] {
    if (its.attributions.length === 0) return [words("There are no attributions.")]
    return its.attributions.map((one) => {
        const identified = new Set(one.documents.flatMap(({ stated }) => stated.identified))
        const who = (number: number) => {
            const its = one.numbers.find((other) => other.number === number)
            return its && identified.has(number) ? named(its.recipient, name) : `copy ${number}`
        }
        const about = its.evidence.find(({ id }) => id === one.evidence)?.name ?? one.evidence
        // The unmarked text is alike for all who have it: it weighs against no copy.
        const weighed = one.documents.filter(({ stated }) => !stated.unmarked.explains)
        const rows = weighed.flatMap(({ artifact, version, stated, before = [] }) =>
            stated.log10e
                .map(([number, log10e]): [number, number] => [number, log10e + (new Map(before).get(number) ?? 0)])
                .toSorted((a, b) => b[1] - a[1])
                .slice(0, shownMax)
                .map(([number, log10e]) => [
                    `${name(artifact)}, version ${version}: ${stated.slots.read} of ${stated.slots.total} slots read`,
                    who(number),
                    `${rounded(log10e, 2)} (${inWords(log10e)})`,
                    `${stated.bar.toFixed(2)}${stated.identified.includes(number) ? ": exceeded" : ""}`,
                ]),
        )
        return article(
            about,
            words(
                `Verdict: ${one.verdict}, ${one.at}. An innocent holder is identified with a probability of at most ${one.alpha}, over all attributions of leaks of this case. ${comparedWith(one)}`,
            ),
            ...(rows.length === 0 ? [] : [words(numberedWords)]),
            ...(weighed.length < one.documents.length ? [words(unmarkedWords)] : []),
            ...quoted(one, name),
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
    "The leak reads as the unmarked text, in which each slot has its first form. All partners that were served this text have the same text. It identifies no copy."

function quoted(its: Attribution, name: NameOf): Block[] {
    if (its.quoted.length === 0) return []
    const holders = its.quoted.map((one) => named(one, name)).join(" and of ")
    return [words(`The leak quotes a canary that only the copy of ${holders} contains. ${cautionOfNames}`)]
}

function questions(its: Bundle, name: NameOf): Block[] {
    if (its.questions.length === 0) return [words("There are no questions.")]
    return its.questions.map((one) =>
        article(
            `${name(one.partner)}, ${one.askedAt}`,
            words(one.text),
            words(
                one.answer === null
                    ? `Asked: ${unanswered(its, one)}.`
                    : `Answered ${one.answer.at} by ${name(one.answer.by)}: ${one.answer.text}`,
            ),
        ),
    )
}

function attestations(its: Bundle, name: NameOf): Block {
    const what: Readonly<Record<string, readonly [yes: string, no: string]>> = {
        recall: ["copies of a recalled version are deleted", ""],
        question: ["the partner says that the copies are deleted", "the partner says that the copies are not deleted"],
        agreement: ["all obligations were met", "not all obligations were met"],
    }
    const rows = its.attestations.map((one) => {
        const [yes = "", no = ""] = what[one.of] ?? []
        return [name(one.partner), one.at, one.affirmed ? yes : no]
    })
    return tableOf(["Partner", "Instant", "Statement"], rows)
}

function custody({ index, at, kind, body }: Leaf, name: NameOf): string[] {
    return [String(index), at, textOfEvent(kind), typeof body["by"] === "string" ? name(body["by"]) : "Tocsin"]
}
