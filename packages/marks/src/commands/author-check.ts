/**
 * Runs the author's own check on sampled copies before any is written, to verify that they still work like the master.
 *
 * If a copy fails, a binary search finds the form that makes it fail, so that the author knows the line.
 */
import { type Slot, type Codeword, applyCodeword } from "../carriers/carrier.ts"
import type { Check, CheckResult } from "../check.ts"
import { refuse } from "@tocsin/base/refusal"

const patternsCount = 4
const recipientsMax = 8
const outputShownMax = 300

/** A master with its slots and codewords. */
export interface MarkedMaster {
    readonly master: string
    readonly slots: readonly Slot[]
    /** The codewords of the recipients. */
    readonly codewords: readonly Codeword[]
}

/**
 * Runs the check on the unmarked text, on copies that show each form, and on copies of some recipients. Returns the
 * number of copies. Refuses `mark.check_fails_unmarked` and `mark.check_failed`.
 */
export async function checkCopies(check: Check, marked: MarkedMaster): Promise<number> {
    const { slots, codewords } = marked
    const plain = slots.map(() => 0)
    const first = await check(applyCodeword(marked.master, slots, plain))
    if (first.outcome !== "well") {
        refuse(
            "invalid",
            "mark.check_fails_unmarked",
            `the check already fails on the unmarked text, ${failureText(first)}: correct the text or the check`,
        )
    }
    const patterns = Array.from({ length: patternsCount }, (_, n) =>
        slots.map(({ variants }) => (n === 0 ? variants.length - 1 : n % variants.length)),
    )
    const list = [...patterns, ...codewords.slice(0, recipientsMax)]
    const different = [...new Map(list.map((codeword) => [codeword.join(), codeword])).values()].filter((codeword) =>
        codeword.some(Boolean),
    )
    for (const codeword of different) {
        const result = await check(applyCodeword(marked.master, slots, codeword))
        if (result.outcome !== "well") await refuseFailedForm(check, marked, codeword, result)
    }
    return different.length + 1
}

/** Refuses `mark.check_failed` and names the form without which the copy would pass. */
async function refuseFailedForm(
    check: Check,
    { master, slots }: MarkedMaster,
    codeword: Codeword,
    failure: CheckResult,
): Promise<never> {
    const firstForms = (count: number): Codeword => codeword.map((variant, i) => (i < count ? variant : 0))
    let [low, high] = [0, slots.length]
    while (high - low > 1) {
        const middle = (low + high) >> 1
        const half = await check(applyCodeword(master, slots, firstForms(middle)))
        if (half.outcome === "well") low = middle
        else high = middle
    }
    const slot = slots[high - 1]
    const edit = slot?.variants[codeword[high - 1] ?? 0]?.[0]
    if (slot === undefined || edit === undefined) {
        refuse(
            "invalid",
            "mark.check_failed",
            `the check fails on a copy, but not every time, ${failureText(failure)}: correct the check`,
        )
    }
    const line = master.slice(0, edit.start).split("\n").length
    const written = master.slice(edit.start, edit.end).trim()
    refuse(
        "invalid",
        "mark.check_failed",
        `the check fails if line \`${line}\` has \`${edit.text.trim()}\` in place of \`${written}\` ` +
            `(\`${slot.kind}\`), ${failureText(failure)}`,
    )
}

function failureText({ outcome, output }: CheckResult): string {
    const lastOutput = output.trim().replaceAll(/\s+/g, " ").slice(-outputShownMax)
    const end = outcome === "late" ? "because it does not end in time" : "with an exit code that is not 0"
    return lastOutput === "" ? end : `${end}: ${lastOutput}`
}
