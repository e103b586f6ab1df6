/** The screens speak English and German: every text is a message, and every message has its German form. */
import { describe, expect, test } from "vitest"
import { allValues, readTable } from "../scripts/messages.ts"
import { messageLaw, tableLaw } from "./architecture/messages.ts"
import { houseOf, readHouse } from "./architecture/source.ts"

const house = readHouse()
const screen = (text: string) => houseOf({ "web/src/close.tsx": text })

test("every text of the screens is a message", () => {
    expect(messageLaw(house)).toEqual([])
})

test("every message has a German form with the same values", () => {
    expect(tableLaw(readTable())(house)).toEqual([])
})

test("every value of an answer has a German form", async () => {
    const { values } = readTable()
    expect((await allValues()).filter((value) => !(value in values))).toEqual([])
})

describe("a text outside the table is found", () => {
    test.each([
        ["between tags", "export const Close = () => <button>Close</button>", "Close"],
        ["as an attribute", 'export const Close = () => <Do label="close" />', "close"],
        ["around a value", "export const label = (count: number) => `close ${count} cases`", "close  …  cases"],
        [
            "as a choice",
            'export const why = (open: boolean) => (open ? "it is still open" : t("closed"))',
            "it is still open",
        ],
    ])("%s", (_, text, found) => {
        expect(messageLaw(screen(text))).toEqual([`web/src/close.tsx:1: not a message: ${found}`])
    })
})

describe("a row that does not fit is found", () => {
    const count = "{count, plural, one {# copy} other {# copies}}"
    const used = screen(`export const copies = t("${count}", { count })`)
    const row = (german: string) => tableLaw({ messages: { [count]: german }, values: {}, refusals: {} })(used)

    test("with another value", () => {
        expect(row("{n} Kopien")).toEqual([`values n instead of count: ${count}`])
    })
    test("without German", () => {
        expect(row("")).toEqual([`no German: ${count}`])
    })
    test("that no screen uses", () => {
        expect(
            tableLaw({ messages: { [count]: "{count} Kopien", gone: "weg" }, values: {}, refusals: {} })(used),
        ).toEqual(["unused: gone"])
    })
    test("that is a sentence of the server", () => {
        const values = { at_publication: "bei Veröffentlichung", "a sentence without a code": "Satz" }
        const messages = { [count]: "{count, plural, one {# Kopie} other {# Kopien}}" }
        expect(tableLaw({ messages, values, refusals: {} })(used)).toEqual([
            "a sentence of the server needs a code: a sentence without a code",
        ])
    })
    test("of a refusal with another code or other values", () => {
        const refusing = houseOf({
            "server/src/a.ts": 'refuse("invalid", "case.bad_title", `use ${titleMax}`, { max: titleMax })',
            "web/src/b.tsx": 'export const field = { codes: ["case.closed"] }',
        })
        const refusals = { "case.bad_title": "höchstens {max}, nicht {count}", "case.gone": "weg" }
        expect(tableLaw({ messages: {}, values: {}, refusals })(refusing)).toEqual([
            "no German for the refusal at a field: case.closed",
            "the refusal case.bad_title has no value: count",
            "no refusal has the code: case.gone",
        ])
    })
    test("and no fault in a sound one", () => {
        expect(row("{count, plural, one {# Kopie} other {# Kopien}}")).toEqual([])
    })
})
