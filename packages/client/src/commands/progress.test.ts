import { PassThrough } from "node:stream"
import { describe, expect, test } from "vitest"
import { type Screen, progressBar, progressBarOn } from "./progress.ts"

const step = { action: "fetching", current: 3, total: 10, item: "technical.md" }

function newScreen(isTTY: boolean, columns = 60) {
    const inputs: string[] = []
    const screen: Screen = { isTTY, columns, write: (text) => inputs.push(text) }
    return { said: inputs, draw: progressBarOn(screen) }
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
        draw({ ...step, current: 10 })
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
        progressBarOn(pipe)(step)
        expect(pipe.readableLength).toBe(0)
    })

    test("never wraps, and prints no control characters of a name", () => {
        const strange = { ...step, item: `\u001b[2J\r\u202e${"名".repeat(50)}` }
        for (let width = 0; width <= 130; width++) {
            for (const item of [
                step,
                strange,
                { ...step, total: 0, current: 0 },
                { ...step, current: 999_999, total: 999_999 },
            ]) {
                expect(progressBar(item, width)).toMatch(/^[\x20-\x7e]*$/)
                expect(progressBar(item, width).length).toBeLessThanOrEqual(width)
            }
        }
    })
})
