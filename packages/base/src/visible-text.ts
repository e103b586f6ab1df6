/**
 * Checks lines that people read: names, titles, addresses. Controls, format characters and invisible characters (tags,
 * fillers, variation selectors) would show a different line from the stored one.
 *
 * A zero-width joiner is part of the spelling in some scripts, so it is permitted only between two letters of such a
 * script.
 */
import { refuse } from "./refusal.ts"

const hiddenCharacter = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const scripts = "Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt".split(" ")
const joiningLetter = `[${scripts.map((script) => `\\p{Script=${script}}`).join("")}]`
const strayJoiner = new RegExp(`(?<!${joiningLetter})[\\u200c\\u200d]|[\\u200c\\u200d](?!${joiningLetter})`, "u")

/** Checks for hidden characters in a text. */
export const hasHiddenCharacters = (text: string): boolean => hiddenCharacter.test(text) || strayJoiner.test(text)

/** Fields with texts of several lines, or of another form. */
const multilineFields: ReadonlySet<string> = new Set([
    "content",
    "certificate",
    "csv",
    "document",
    "examples",
    "key",
    "indicators",
    "environment",
    "receipts",
    "text",
    "reason",
    "note",
    "message",
    "terms",
    "conclusion",
    "obligation",
    "for",
    "against",
    "basis",
    "inHouseProtection",
    "dataUse",
    "mailboxReaders",
    "automation",
])

/**
 * Refuses `line.hidden_character` if a line of the input has one. Each text field is a line, except the multi-line
 * fields.
 */
export function assertVisibleLines(input: unknown, field = ""): void {
    if (typeof input === "string") {
        if (multilineFields.has(field) || !hasHiddenCharacters(input)) return
        const problem = `\`${field}\` has a control or invisible character`
        refuse("invalid", "line.hidden_character", `${problem}: type it again without`, { field })
    }
    if (Array.isArray(input)) for (const item of input) assertVisibleLines(item, field)
    else if (typeof input === "object" && input !== null) {
        for (const [name, item] of Object.entries(input)) assertVisibleLines(item, name)
    }
}
