/**
 * Finds slots in the voice of sentences: "A customer reported the flaw." or "The flaw was reported by a customer."
 *
 * Only sentences qualify that have two plain nouns and one verb, in the simple present or past or with "can" or
 * "may", and at most a date after it. A quantity, or a reference from the next sentence, excludes a sentence, because
 * its meaning could change. A moved part contains no other slot.
 */
import type { Edit } from "../carrier.ts"
import { type Span, areApart } from "./clauses.ts"

/** A sentence that can be active or passive, and the edit that changes it. */
export interface VoiceChange {
    readonly sentence: string
    readonly edit: Edit
}

/** One and many. */
const nouns = new Map<string, "one" | "many">()
for (const pair of `administrator advisory attack attacker client command component customer defender developer
device employee engineer
    file filter flaw gateway handler header library link maintainer message module operator packet page parameter parser
    partner plugin program reader record reporter request researcher rule scanner script sensor server service session
    system team template tester token tool update user value vendor visitor vulnerability weakness website`.split(
    /\s+/,
)) {
    nouns.set(pair, "one")
    nouns.set(
        pair.endsWith("y") && !pair.endsWith("ay")
            ? `${pair.slice(0, -1)}ies`
            : `${pair}${pair.endsWith("s") ? "es" : "s"}`,
        "many",
    )
}
/** Words that may precede a noun and say nothing about a number. */
const adjectives = `affected central compromised crafted external former hidden independent internal large local
malicious
    modified new old original outdated private protected public remote separate small temporary unknown unpatched
    untrusted
    vulnerable`
/** Base, third person, past and participle; none whose past is its base. */
const verbs = new Map<string, readonly [base: string, third: string, past: string, participle: string]>()
for (const base of `accept analyse analyze block cache check confirm create delete detect display encrypt examine
execute
    exploit generate handle install log maintain observe parse process publish receive reject release render replace
    report
    review sign store test trigger update validate verify`.split(/\s+/)) {
    const third = /(?:ss|sh|ch|x)$/.test(base)
        ? `${base}es`
        : base.endsWith("fy")
          ? `${base.slice(0, -1)}ies`
          : `${base}s`
    const past = base.endsWith("e") ? `${base}d` : base.endsWith("fy") ? `${base.slice(0, -1)}ied` : pastOf(base)
    for (const form of new Set([base, third, past])) verbs.set(form, [base, third, past, past])
}
for (const line of [
    "find finds found found",
    "send sends sent sent",
    "write writes wrote written",
    "build builds built built",
]) {
    const [base = "", third = "", past = "", participle = ""] = line.split(" ")
    for (const form of [base, third, past, participle]) verbs.set(form, [base, third, past, participle])
}

function pastOf(base: string): string {
    return base === "log" ? "logged" : `${base}ed`
}

interface NounPhrase {
    readonly text: string
    readonly number: "one" | "many"
}

const words = (list: string): string => list.trim().split(/\s+/).join("|")
const nounPhrase = `(?:(?:the|an?|our)\\s+)?(?:(?:${words(adjectives)})\\s+)?(?:${[...nouns.keys()].join("|")})`
const day = "(?:3[01]|[12]\\d|[1-9])"
const month = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
const dated = `(?:on\\s+(?:${day}\\s+${month}|${month}\\s+${day},?)|in\\s+${month})`
const when = `(?:\\s+${dated}(?:\\s+20\\d\\d)?|\\s+in\\s+20\\d\\d)?`
/** Modal verbs stay as written. */
const modals = "can|could|may|might|will"
const name = "[A-Z][a-z]+(?:\\s+[A-Z][a-z]+){0,2}"
const verb = `(is|are|was|were|(?:${modals})\\s+be)`
const passive = new RegExp(`^(${nounPhrase})\\s+${verb}\\s+([a-z]+)\\s+by\\s+(${nounPhrase}|${name})(${when})\\.$`)
const active = new RegExp(`^(${nounPhrase})\\s+((?:(?:${modals})\\s+)?[a-z]+)\\s+(${nounPhrase})(${when})\\.$`)
const sentences = /(?<=^|[.!?]\s+)[A-Z][^.!?:;“"”()–—`{}*_[\]<>|\\]*\.(?=\s|$)/g
/** A word in the next sentence that could mean either thing of this one. */
const referringWord = new RegExp(
    String.raw`\b(?:it|its|itself|he|his|him|she|her|they|them|their|this|that|these|those|such|same|former` +
        String.raw`|latter|both|one|ones|other|another|which|who)\b`,
    "i",
)

/** `taken` is where other slots have their edits. */
export function voiceChanges(text: string, stretch: Span & { opens: boolean }, taken: readonly Span[]): VoiceChange[] {
    const prose = text.slice(stretch.start, stretch.end)
    const list = [...prose.matchAll(sentences)]
    return list.flatMap((match) => {
        if (match.index === 0 && !stretch.opens) return []
        const sentence = match[0]
        const changed = changeVoice(sentence)
        const next = prose.slice(match.index + sentence.length).split(/[.!?]\s/, 1)[0] ?? ""
        if (changed === null || referringWord.test(next)) return []
        const start = stretch.start + match.index
        const edit = { start, end: start + sentence.length - changed.keptChars, text: changed.text }
        return taken.every((span) => areApart(edit, span)) ? [{ sentence: spaced(sentence).toLowerCase(), edit }] : []
    })
}

/** The other way to say it, without what stays: the date and the full stop. */
function changeVoice(sentence: string): { text: string; keptChars: number } | null {
    const plain = lower(sentence)
    const [, subject = "", be = "", participle = "", agent = "", then = ""] = passive.exec(plain) ?? []
    const keptChars = then.length + 1
    if (subject !== "") {
        const text = toActive(parseNounPhrase(subject), be, participle, agent)
        return text === null ? null : { text, keptChars }
    }
    const [, doer = "", verb = "", object = "", later = ""] = active.exec(plain) ?? []
    const text = doer === "" ? null : toPassive(parseNounPhrase(doer), verb, parseNounPhrase(object))
    return text === null ? null : { text, keptChars: later.length + 1 }
}

function toActive(subject: NounPhrase | null, be: string, verbForm: string, agentText: string): string | null {
    const [base, third, past, participle] = verbs.get(verbForm) ?? []
    const isNamed = /^[A-Z]/.test(agentText)
    const agent = isNamed ? { text: spaced(agentText), number: "one" as const } : parseNounPhrase(agentText)
    if (subject === null || agent === null || participle !== verbForm) return null
    const [modal = "", isModal = false] = spaced(be).endsWith(" be") ? [spaced(be).slice(0, -2), true] : []
    if (!isModal && (be === "is" || be === "was") !== (subject.number === "one")) return null
    const isPast = be === "was" || be === "were"
    // A name may be singular or plural, and only the past has the same form for both.
    if (isNamed && (!isPast || months.has(agentText.split(/\s/)[0] ?? ""))) return null
    const verb = isModal ? `${modal}${base}` : isPast ? past : agent.number === "one" ? third : base
    return `${upper(agent.text)} ${verb} ${subject.text}`
}

function toPassive(agent: NounPhrase | null, verbText: string, object: NounPhrase | null): string | null {
    const [verb = "", modal] = spaced(verbText).split(" ").toReversed()
    const [base, third, past, participle] = verbs.get(verb) ?? []
    if (agent === null || object === null || base === undefined) return null
    if (modal !== undefined)
        return verb === base ? `${upper(object.text)} ${modal} be ${participle} by ${agent.text}` : null
    const isPast = verb === past
    if (!isPast && verb !== (agent.number === "one" ? third : base)) return null
    const be = isPast ? (object.number === "one" ? "was" : "were") : object.number === "one" ? "is" : "are"
    return `${upper(object.text)} ${be} ${participle} by ${agent.text}`
}

const months = new Set(month.slice(3, -1).split("|"))

/** One of a kind has an article; several have "a" or "an" never. */
function parseNounPhrase(phrase: string): NounPhrase | null {
    const text = spaced(phrase)
    const list = text.split(" ")
    const number = nouns.get(list.at(-1) ?? "")
    const first = list[0] ?? ""
    const [isIndefinite, isDefinite] = [first === "a" || first === "an", first === "the" || first === "our"]
    const fits = number === "one" ? isIndefinite || isDefinite : !isIndefinite
    return number !== undefined && fits ? { text, number } : null
}

const spaced = (text: string): string => text.replaceAll(/\s+/g, " ")
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
