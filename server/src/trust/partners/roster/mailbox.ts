/**
 * Defines mailbox verification: a code that is sent only to the mailbox proves that the mailbox is read.
 *
 * Unlike notices these mails have their own text: a code, or the fact that an application has news. They contain
 * nothing about cases.
 */
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** Validity of a code in milliseconds of wall-clock time. */
export const codeValidMs = 48 * hourMs
/** Codes per partner and day, so that a lead cannot flood the mailbox. */
export const codesPerDayMax = 5

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const codeBytes = 20

/** Random bytes of a code. */
export { codeBytes }

/** Formats a code like `K7QPM-…`: four groups of five letters, 100 random bits, which cannot be guessed. */
export function formatCode(random: Uint8Array): string {
    if (random.length !== codeBytes) throw new Error(`a code is made of ${codeBytes} bytes`)
    const letters = [...random].map((byte) => alphabet[byte % alphabet.length]).join("")
    return (letters.match(/.{5}/g) ?? []).join("-")
}

/** Normalises a typed code: case, spaces and dashes do not matter. Refuses `mailbox.bad_code`. */
export function parseCode(text: string): string {
    const letters = text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")
    if (letters.length !== codeBytes)
        refuse("invalid", "mailbox.bad_code", "the code is incomplete: enter four groups of five letters")
    return (letters.match(/.{5}/g) ?? []).join("-")
}

export const mailTexts = {
    code: {
        subject: "Code for your early-warning program",
        text: (code: string) =>
            [
                "A lead of your organisation requested this code from the early-warning program, to verify this",
                "mailbox:",
                "",
                `    ${code}`,
                "",
                "Enter the code in the partner portal within two days. If you did not expect it, tell the operator.",
                "",
            ].join("\n"),
    },
    answered: {
        subject: "Your application to an early-warning program",
        text: () =>
            [
                "There is an answer or a question about your application.",
                "",
                "Read the text in the portal, with the secret that you got when you applied. This mail does not",
                "contain the text or the secret.",
                "",
            ].join("\n"),
    },
} as const
