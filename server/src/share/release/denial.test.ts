import { expect, test } from "vitest"
import { denialSentencesIn } from "./denial.ts"

test.each([
    "There is no sign of exploitation.",
    "No exploitation is known.",
    "We know of no attacks.",
    "No known exploits exist.",
    "We have not seen any attacks that use it.",
    "It has never been exploited in the wild.",
    "The vendor is not aware of active exploitation.",
    "The vendor is unaware of any exploitation.",
    "Exploitation has not been observed.",
    "Attacks were not yet reported.",
    "There is no evidence that anybody has exploited it.",
    "| Exploited | No |",
    "Exploited in the wild: no",
    "Exploitation: none known",
    "We haven't seen it exploited.",
    "Es sind keine Angriffe bekannt.",
    "Die Schwachstelle wird bisher nicht aktiv ausgenutzt.",
    "Eine Ausnutzung ist nicht bekannt.",
])("denies exploitation: %s", (sentence) => {
    expect(denialSentencesIn(`Install the update.\n\n${sentence}\n\nIt is urgent.`)).toEqual([sentence])
})

test.each([
    "An attacker without an account can exploit it.",
    "It is exploited since 7 July.",
    "No authentication is needed.",
    "Exploitation leaves a POST request in the log.",
    "Attackers do not need to know a password.",
    "If you cannot install the update, block the path: attacks use it.",
    "Die Schwachstelle wird aktiv ausgenutzt.",
])("does not deny exploitation: %s", (sentence) => {
    expect(denialSentencesIn(sentence)).toEqual([])
})

test("a sentence may span lines; headings and list items end it", () => {
    const text = "# Status\nThere is no sign\nof exploitation.\n- No password is needed\n- exploited since July"
    expect(denialSentencesIn(text)).toEqual(["There is no sign of exploitation."])
})

test("a long line is cheap", () => {
    const long = "not a word ".repeat(50_000)
    expect(denialSentencesIn(long)).toEqual([])
})
