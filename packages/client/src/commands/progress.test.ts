import { PassThrough } from "node:stream"
import { describe, expect, test } from "vitest"
import { type Screen, barOf, progressOn } from "./progress.ts"

const step = { doing: "fetching", now: 3, of: 10, what: "technical.md" }

function newScreen(isTTY: boolean, columns = 60) {
    const inputs: string[] = []
    const screen: Screen = { isTTY, columns, write: (text) => inputs.push(text) }
    return { said: inputs, draw: progressOn(screen) }
}

/** The last line of a terminal after this output. */
function lineOf(inputs: readonly string[]): string {
    return inputs.join("").split("\r\u001b[K").at(-1)!
}

describe("the progress bar", () => {
    test("fits the width of the terminal, and shows the progress", () => {
        const { said: inputs, draw } = newScreen(true)
        draw(step)
        expect(lineOf(inputs)).toBe("[#########--------------------]  3/10 fetching technical.md")
        expect(lineOf(inputs).length).toBe(59)
        draw({ ...step, now: 10 })
        expect(lineOf(inputs)).toBe("[#############################] 10/10 fetching technical.md")
    })

    test("is removed at the end, and clears no line when none was drawn", () => {
        const { said: inputs, draw } = newScreen(true)
        draw(null)
        expect(inputs).toEqual([])
        draw(step)
        draw(null)
        draw(null)
        expect(inputs).toHaveLength(2)
        expect(lineOf(inputs)).toBe("")
    })

    test("prints nothing without a terminal", () => {
        const { said: inputs, draw } = newScreen(false)
        draw(step)
        draw(null)
        expect(inputs).toEqual([])
        const pipe = new PassThrough()
        progressOn(pipe)(step)
        expect(pipe.readableLength).toBe(0)
    })

    test("never wraps, and prints no control characters of a name", () => {
        const strange = { ...step, what: `\u001b[2J\r\u202e${"名".repeat(50)}` }
        for (let width = 0; width <= 130; width++) {
            for (const item of [step, strange, { ...step, of: 0, now: 0 }, { ...step, now: 999_999, of: 999_999 }]) {
                expect(barOf(item, width)).toMatch(/^[\x20-\x7e]*$/)
                expect(barOf(item, width).length).toBeLessThanOrEqual(width)
            }
        }
    })
})
