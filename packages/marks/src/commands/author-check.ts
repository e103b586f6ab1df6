/**
 * Runs the author's own check on sampled copies before any is written, to verify that they still work like the master.
 *
 * If a copy fails, a binary search finds the form that makes it fail, so that the author knows the line.
 */
import { type Slot, type Word, applyWord } from "../carriers/carrier.ts"
import type { Check, Checked } from "../check.ts"
import { refuse } from "@tocsin/base/refusal"

const turns = 4
const recipientsMax = 8
const shownMax = 300

/** A master with its slots and codewords. */
export interface Marked {
    readonly master: string
    readonly slots: readonly Slot[]
    /** The codewords of the recipients. */
    readonly words: readonly Word[]
}

/**
 * Runs the check on the unmarked text, on copies that show each form, and on copies of some recipients. Returns the
 * number of copies. Refuses `mark.check_fails_unmarked` and `mark.check_failed`.
 */
export async function checkCopies(check: Check, marked: Marked): Promise<number> {
    const { slots, words } = marked
    const plain = slots.map(() => 0)
    const first = await check(applyWord(marked.master, slots, plain))
    if (first.ended !== "well") {
        refuse("invalid", "mark.check_fails_unmarked", `the check fails on the text itself, ${how(first)}`)
    }
    const turned = Array.from({ length: turns }, (_, turn) =>
        slots.map(({ variants }) => (turn === 0 ? variants.length - 1 : turn % variants.length)),
    )
    const list = [...turned, ...words.slice(0, recipientsMax)]
    const different = [...new Map(list.map((word) => [word.join(), word])).values()].filter((word) =>
        word.some(Boolean),
    )
    for (const word of different) {
        const found = await check(applyWord(marked.master, slots, word))
        if (found.ended !== "well") await blame(check, marked, word, found)
    }
    return different.length + 1
}

/** Refuses `mark.check_failed` and names the form without which the copy would pass. */
async function blame(check: Check, { master, slots }: Marked, word: Word, found: Checked): Promise<never> {
    const upTo = (count: number): Word => word.map((variant, i) => (i < count ? variant : 0))
    let [low, high] = [0, slots.length]
    while (high - low > 1) {
        const middle = (low + high) >> 1
        const half = await check(applyWord(master, slots, upTo(middle)))
        if (half.ended === "well") low = middle
        else high = middle
    }
    const slot = slots[high - 1]
    const edit = slot?.variants[word[high - 1] ?? 0]?.[0]
    if (slot === undefined || edit === undefined) {
        refuse("invalid", "mark.check_failed", `the check fails on a copy, and not always, ${how(found)}`)
    }
    const line = master.slice(0, edit.start).split("\n").length
    const written = master.slice(edit.start, edit.end).trim()
    refuse(
        "invalid",
        "mark.check_failed",
        `the check fails once line \`${line}\` has another \`${slot.kind}\`: \`${written}\` as ` +
            `\`${edit.text.trim()}\`, ${how(found)}`,
    )
}

function how({ ended, said: input }: Checked): string {
    const replaceAll = input.trim().replaceAll(/\s+/g, " ").slice(-shownMax)
    const end = ended === "late" ? "because it does not end in time" : "with an exit code that is not 0"
    return replaceAll === "" ? end : `${end}: ${replaceAll}`
}
