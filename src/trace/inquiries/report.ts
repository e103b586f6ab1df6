/**
 * The report of an inquiry as a paper: made of its bundle and nothing else, so that the two cannot disagree. Page and PDF are made
 * of the paper.
 */
import type { Bundle, Leaf } from "../../lib/bundle.ts"
import { weightDefault } from "../../lib/bundle/fixed.ts"
import { parseInstant } from "../../lib/instant.ts"
import { type Block, type Paper, article, section, tableOf, words } from "../../lib/paper.ts"
import { inWords, rounded } from "../attribution/attribution.ts"
import { cautionOfNames } from "../attribution/quoted.ts"
import { provisions, timing, touches } from "./report-beside.ts"
import { type NameOf, named } from "./report-names.ts"

/** `sha256` is that of the bundle as a file, in hex. */
export function reportOf(its: Bundle, sha256: string): Paper {
    const name = nameIn(its)
    const content = [
        words(
            `Report of an inquiry. ${its.course === "open" ? "It is open." : "It is closed."} Sealed: for its members, and those they give it to.`,
        ),
        opening(its, sha256, name),
        limits(its),
        section("Findings", ...findings(its, name)),
        section(
            "Explanations",
            words(
                "A weight is how likely, as its members put it, an explanation was beside the others before the evidence was looked at. Partners " +
                    "share the weight of theirs. It stands in no e-value.",
            ),
            tableOf(
                ["Explanation", "Weight", "For", "Against"],
                its.explanations.map((one) => [one.title, weightIn(one), one.for, one.against]),
            ),
        ),
        section("Evidence", evidence(its, name)),
        section("Attributions", ...attributions(its, name)),
        section("Canaries that were touched", ...touches(its, name)),
        section("What time alone says", ...timing(its, name)),
        section("For next releases", ...provisions(its, name)),
        section("Questions and statements", ...questions(its, name)),
        section("Attestations", attestations(its, name)),
        section(
            "Kept out",
            tableOf(
                ["Who", "Since", "By", "Why"],
                its.keptOut.map((one) => [name(one.person), one.at, name(one.by), one.reason]),
            ),
        ),
        section("Closed and opened again", turns(its, name)),
        section(
            "Custody: what the record says",
            tableOf(
                ["Leaf", "When", "What", "By"],
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
    return tableOf(["What", "When", "By", "Why"], rows)
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
            ["Id", its.inquiry],
            ["Case", name(its.case)],
            ["Opened", `${its.openedAt}, by ${name(its.openedBy)}`],
            ["Members", its.members.map(name).join(", ")],
            ["Made", its.madeAt],
            ["Bundle", `SHA-256 ${sha256}`],
            ["Record", `${its.origin}, key ${its.verifierKey}`],
        ],
    )
}

function limits({ caution }: Bundle): Block {
    const content = [
        caution,
        "An e-value is how much better a text fits somebody's copy than chance, by the program's own coin. It is no probability of " +
            "guilt, and says nothing of intent, or of who had the copy in hand. A finding is what two members concluded, with its confidence.",
        "The bundle beside this holds the same, and tocsin verify checks it offline. Once the key is opened, an expert computes " +
            "the numbers again from an expert file, and tocsin verify says whether both state the same.",
    ]
    return { kind: "caution", title: "What this says, and what it does not", content: content.map(words) }
}

function findings(its: Bundle, name: NameOf): Block[] {
    if (its.findings.length === 0) return [words("Nothing was concluded.")]
    return its.findings.map((one) => {
        const answers = its.questions.filter(({ finding }) => finding === one.id)
        const state =
            one.confirmedAt === null
                ? "proposed, and not confirmed"
                : `confirmed ${one.confirmedAt}, signed by ${name(one.signedBy ?? "")}`
        return article(
            `${one.partner === null ? "No partner" : name(one.partner)}: confidence ${one.confidence}`,
            words(one.conclusion),
            words(`Proposed ${one.proposedAt} by ${name(one.proposedBy)}; ${state}.`),
            ...(one.obligation === null ? [] : [words(`Breached: ${one.obligation.id}, ${one.obligation.text}`)]),
            ...answers.map((asked) =>
                words(
                    asked.answer === null
                        ? `Its gist was told; ${unanswered(its, asked)}.`
                        : `The partner: ${asked.answer.text}`,
                ),
            ),
            ...(one.unheard === null ? [] : [words(`Confirmed before an answer: ${one.unheard.reason}`)]),
            ...(one.partner !== null && answers.length === 0
                ? [words("This inquiry sent the partner no summary of the finding.")]
                : []),
        )
    })
}

/** Whose time still runs has not kept silent. */
function unanswered({ madeAt }: Bundle, { answerBy }: Bundle["questions"][number]): string {
    return parseInstant(madeAt) < parseInstant(answerBy)
        ? `not answered yet; it may answer until ${answerBy}`
        : `no answer; it was waited for until ${answerBy}`
}

function evidence(its: Bundle, name: NameOf): Block {
    const rows = its.evidence.map((one) => [
        one.deletedAt === null
            ? `${one.name}; ${one.source}${one.note === "" ? "" : `; ${one.note}`}`
            : `Deleted ${one.deletedAt}, with what was found out from it; its hash and its custody are left`,
        one.kind,
        `${one.seenAt} (clock ${one.clock})`,
        `${one.filedAt}, ${one.filedBy === null ? "the program" : name(one.filedBy)}`,
        one.sha256 === null ? "an instant alone" : `${one.size} bytes, SHA-256 ${one.sha256}`,
    ])
    return tableOf(["What", "Kind", "Seen", "Filed", "Content"], rows)
}

const shownMax = 5

type Attribution = Bundle["attributions"][number]

function attributions(its: Bundle, name: NameOf): Block[] {
    if (its.attributions.length === 0) return [words("Nothing was attributed.")]
    return its.attributions.map((one) => {
        const accused = new Set(one.documents.flatMap(({ stated }) => stated.accused))
        const who = (number: number) => {
            const its = one.numbers.find((other) => other.number === number)
            return its && accused.has(number) ? named(its.recipient, name) : `number ${number}`
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
                    `${stated.bar.toFixed(2)}${stated.accused.includes(number) ? ": above it" : ""}`,
                ]),
        )
        return article(
            about,
            words(
                `Verdict: ${one.verdict}, ${one.at}. A holder that is innocent is named with probability ${one.alpha} at most, over everything that is tried on the leaks of this case. ${comparedWith(one)}`,
            ),
            ...(rows.length === 0 ? [] : [words(numberedWords)]),
            ...(weighed.length < one.documents.length ? [words(unmarkedWords)] : []),
            ...quoted(one, name),
            tableOf(["Version", "Copy of", "log10 of the e-value", "Named from"], rows),
        )
    })
}

const numberedWords =
    "Copies are numbered here. A holder has a name only where its copy is above the threshold of its row."

function comparedWith({ versions, untested }: Attribution): string {
    const compared = `The text was compared with ${versions} ${versions === 1 ? "version" : "versions"}.`
    if (untested === 0) return compared
    const rest = untested === 1 ? "1 more version has no marks" : `${untested} more versions have no marks`
    return `${compared} ${rest} that can be read.`
}

const unmarkedWords =
    "It reads as an unmarked text, in which every slot has its first form. All who were served that text hold it alike: it names no copy."

function quoted(its: Attribution, name: NameOf): Block[] {
    if (its.quoted.length === 0) return []
    const holders = its.quoted.map((one) => named(one, name)).join(" and that of ")
    return [words(`It quotes what the copy of ${holders} alone holds. ${cautionOfNames}`)]
}

function questions(its: Bundle, name: NameOf): Block[] {
    if (its.questions.length === 0) return [words("No partner was asked anything.")]
    return its.questions.map((one) =>
        article(
            `${name(one.partner)}, ${one.askedAt}`,
            words(one.text),
            words(
                one.answer === null
                    ? `It was asked; ${unanswered(its, one)}.`
                    : `Answered ${one.answer.at} by ${name(one.answer.by)}: ${one.answer.text}`,
            ),
        ),
    )
}

function attestations(its: Bundle, name: NameOf): Block {
    const what: Readonly<Record<string, readonly [yes: string, no: string]>> = {
        recall: ["copies of what was recalled are deleted", ""],
        question: ["copies are deleted, as it says", "copies are not deleted, as it says"],
        agreement: ["every obligation was kept", "not every obligation was kept"],
    }
    const rows = its.attestations.map((one) => {
        const [yes = "", no = ""] = what[one.of] ?? []
        return [name(one.partner), one.at, one.affirmed ? yes : no]
    })
    return tableOf(["Partner", "When", "What"], rows)
}

function custody({ index, at, kind, body }: Leaf, name: NameOf): string[] {
    return [String(index), at, kind, typeof body["by"] === "string" ? name(body["by"]) : "the program"]
}
