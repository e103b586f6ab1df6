import { describe, expect, test } from "vitest"
import { readSlots } from "../../align.ts"
import { type Slot, applyCodeword } from "../carrier.ts"
import { type Entry, entries } from "./entries.ts"
import { plain } from "./plain.ts"

const list = [...new Set([...entries.values()].flat())]
const sourcesOf = (entry: Entry): string[] => entry.forms.filter((form) => entries.get(form)?.includes(entry))
const fillers = ["green", "lanterns", "quietly", "we", "they", "the", "was", "swans"]

/** Words that may stand before a form, as they would be written; for what is more than a word, what it takes. */
function textsBefore({ conditions: { prev } }: Entry): string[] {
    return [...(prev ?? fillers)].map((word) => {
        if (word === "START") return "\0"
        if (word === "COMMA") return "lanterns,"
        if (word === "VERSION") return "7.1"
        if (word === "PUNCT") return "(at dusk)\0"
        return word
    })
}

function textsAfter({ conditions: { next } }: Entry): string[] {
    return [...(next ?? fillers)].flatMap((word) => {
        if (word === "COMMA") return [", swans"]
        if (word === "PUNCT") return ["."]
        if (word === "ING") return [" gliding"]
        if (word === "DIGIT") return [" 37"]
        if (word === "VERSION") return [" 7.1"]
        return word === "CODE" ? [] : [` ${word}`]
    })
}

/** Texts that hold the form once where its entry wants it, each a few sentences long. */
function* textsWith(entry: Entry, form: string): Generator<string> {
    const nears = [...(entry.conditions["near"] ?? [""])].filter((word) => word !== "ED")
    for (const prev of textsBefore(entry)) {
        for (const next of textsAfter(entry)) {
            for (const near of nears) {
                const opens = prev.endsWith("\0")
                const left = opens ? "Old swans crossed Lake Orta." : `Old swans crossed Lake Orta, grey herons ${prev}`
                const input = opens ? form.charAt(0).toUpperCase() + form.slice(1) : form
                const rest = near === "" ? "" : ` ${near}`
                const start = `${left} ${input}${next}${rest}`
                yield `${start} beside 4.2.1 amber kettles near Bergamo. Tall poplars hid CVE-2031-10442.`
            }
        }
    }
}

/** The first text in which this form is a slot of its entry, that slot, and all others. */
function placed(entry: Entry, form: string): { text: string; slots: Slot[]; at: number } | null {
    let attempts = 0
    for (const text of textsWith(entry, form)) {
        if (attempts++ > 300) break
        const slots = plain.slots(text)
        const at = slots.findIndex(({ variants }) => {
            const other = variants[1]?.[0]
            return other !== undefined && text.slice(other.start, other.end).toLowerCase().endsWith(form)
        })
        if (at >= 0) return { text, slots, at }
    }
    return null
}

const clumsy = /\b(\w+) \1\b|\ba [aei]\w|\ban [bcdfgjklmnpqrstvwxyz]\w/i
const kept = (text: string): string[] => text.match(/\d+(?:\.\d+)*|CVE-\d+-\d+|Orta|Bergamo/g) ?? []
const cases = list.flatMap((entry) => sourcesOf(entry).map((form) => ({ entry, form, found: placed(entry, form) })))

describe("each lexicon entry in a text that meets its conditions", () => {
    test("is found", () => {
        const lost = cases.filter(({ found }) => found === null)
        // Entries found only before code: plain text has none.
        expect(lost.map(({ form }) => form)).toEqual(["called", "named"])
    })

    test("is read back in each form", () => {
        for (const { found } of cases) {
            if (found === null) continue
            const { text, slots, at } = found
            slots[at]?.variants.forEach((_, variant) => {
                const word = slots.map((__, i) => (i === at ? variant : 0))
                const copy = applyCodeword(text, slots, word)
                expect([copy, readSlots(text, slots, copy)[at]]).toEqual([copy, variant])
                expect(applyCodeword(text, slots, word)).toBe(copy)
            })
        }
    })

    test("keeps numbers, names and identifiers", () => {
        const robust = cases.filter(({ entry }) => entry.robustness === "wording")
        for (const { found } of robust) {
            if (found === null) continue
            const { text, slots } = found
            const most = Math.max(...slots.map(({ variants }) => variants.length))
            for (let v = 0; v < most; v++) {
                const copy = applyCodeword(
                    text,
                    slots,
                    slots.map(({ variants }) => v % variants.length),
                )
                expect([copy, kept(copy)]).toEqual([copy, kept(text)])
                expect(clumsy.test(copy) && !clumsy.test(text)).toBe(false)
            }
        }
    })
})
