/**
 * A text as what is drawn of it: each sign with the marks that stand on it, letters of Arabic as their neighbours join them. What the
 * font does not have, and what nobody would see, is drawn as its code point, so that nothing is lost without a trace.
 */
import type { Face, Sign } from "./typeface.ts"

export interface Atom {
    /** As it was written, composed (NFC). */
    readonly text: string
    readonly signs: readonly Sign[]
    /** In thousandths of the font's size. */
    readonly width: number
    readonly kind: "left" | "right" | "digit" | "neutral"
    /** Drawn as its code point. */
    readonly isCode: boolean
}

export interface Atoms {
    /** Of a text without breaks of lines. */
    readonly of: (text: string) => readonly Atom[]
    /** One that is drawn as another sign is. */
    readonly as: (text: string, shown: string) => Atom
}

export function atomsIn(face: Face): Atoms {
    const known = new Map<string, Atom>()
    const atomFor = (text: string, shown: string): Atom => {
        const key = `${shown} ${text}`
        const atom = known.get(key) ?? atomOf(face, text, shown)
        known.set(key, atom)
        return atom
    }
    return {
        of: (text) => {
            const clusters = clustersOf(text.toWellFormed().replaceAll("\t", " ").normalize("NFC"))
            return clusters.map((cluster, n) => atomFor(cluster, joinedForm(cluster, clusters[n - 1], clusters[n + 1])))
        },
        as: atomFor,
    }
}

/** What draws nothing by itself, or turns what stands around it: controls, what is unassigned, ignorable signs. */
export const unseen = /[\p{C}\p{Zl}\p{Zp}\p{DI}]/u
const mark = /^\p{M}/u

function clustersOf(text: string): string[] {
    const list: string[] = []
    for (const sign of text) {
        const before = list.at(-1)
        const isOn = before !== undefined && before !== " " && mark.test(sign) && !unseen.test(before + sign)
        if (isOn && before.length < clusterMax) list[list.length - 1] = before + sign
        else list.push(sign)
    }
    return list
}

/** Of UTF-16: more marks than any language has on a letter stand beside it. */
const clusterMax = 8

function atomOf(face: Face, text: string, shown: string): Atom {
    const signs = unseen.test(text) ? null : signsFor(face, text, shown)
    const entries = signs ?? codeOf(face, text)
    const width = entries.reduce((sum, sign) => sum + sign.width, 0)
    return { text, signs: entries, width, kind: signs ? kindOf(text) : "left", isCode: signs === null }
}

/** Null where the font does not have all of it, composed or not. */
function signsFor(face: Face, text: string, shown: string): readonly Sign[] | null {
    const [base = "", ...marks] = text
    const sign = (item: string) => face.signFor(item.codePointAt(0) ?? 0, item)
    const whole = face.signFor(shown.codePointAt(0) ?? 0, base) ?? sign(base)
    const parts = base.normalize("NFD")
    const signs = [...(whole !== null || parts === base ? [whole] : [...parts].map(sign)), ...marks.map(sign)]
    return signs.every((sign) => sign !== null) ? signs : null
}

const pointOf = (sign: string): string => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`

/** For what is shown elsewhere than on a page: with nothing in it that nobody sees. */
export const seenIn = (text: string): string =>
    text
        .toWellFormed()
        .replaceAll(/\s/g, " ")
        .replaceAll(new RegExp(unseen, "gu"), (sign) => `[${pointOf(sign)}]`)

function codeOf(face: Face, text: string): readonly Sign[] {
    return [...`[${[...text].map(pointOf).join(" ")}]`].flatMap(
        (item) => face.signFor(item.codePointAt(0) ?? 0, item) ?? [],
    )
}

const fromRight = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

function kindOf(text: string): Atom["kind"] {
    if (/^\p{Nd}/u.test(text)) return "digit"
    if (!/^\p{L}/u.test(text)) return "neutral"
    return fromRight.test(text) ? "right" : "left"
}

/** Of a letter: alone, after another, before another, between two. Letters that join on one side have the first two. */
const forms = formsOfLetters()

function formsOfLetters(): ReadonlyMap<string, readonly string[]> {
    const list = new Map<string, string[]>()
    for (let point = 0xfe80; point <= 0xfef4; point++) {
        const form = String.fromCodePoint(point)
        const letter = form.normalize("NFKC")
        list.set(letter, [...(list.get(letter) ?? []), form])
    }
    return list
}

const formCount = (cluster: string | undefined): number =>
    cluster === undefined ? 0 : (forms.get([...cluster][0] ?? "")?.length ?? 0)

function joinedForm(value: string, before: string | undefined, after: string | undefined): string {
    const base = [...value][0] ?? ""
    const own = forms.get(base)
    if (own === undefined) return base
    const isAfter = formCount(before) === 4
    const isBefore = own.length === 4 && formCount(after) > 1
    return own[(isBefore ? 2 : 0) + (isAfter ? 1 : 0)] ?? base
}
