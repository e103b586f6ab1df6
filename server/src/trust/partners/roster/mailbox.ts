/**
 * The partner's mailbox: that somebody still reads it is proved by a code that was sent there and nowhere else.
 *
 * Unlike a notice, these mails have texts of their own: a code, a sign-in link, or that an application was answered. They say
 * nothing of any case.
 */
import { hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** How long a code is good, in real time. */
export const codeGoodMs = 48 * hourMs
/** How many codes a partner is sent within a day: its mailbox must not be flooded by its own lead. */
export const codesADayMax = 5

/** How many sign-in links the persons of one partner are sent within a day. */
export const linksADayMax = 20

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const codeBytes = 20

/** How much chance a code is made of. */
export { codeBytes }

/** `K7QPM-…`: four groups of five, from as many random bytes; a hundred bits, so that nobody tries them all. */
export function codeFrom(random: Uint8Array): string {
    if (random.length !== codeBytes) throw new Error(`a code is made of ${codeBytes} bytes`)
    const letters = [...random].map((byte) => alphabet[byte % alphabet.length]).join("")
    return (letters.match(/.{5}/g) ?? []).join("-")
}

/** What was typed, as it was sent: case, spaces and dashes do not matter. */
export function codeTyped(text: string): string {
    const letters = text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "")
    if (letters.length !== codeBytes) refuse("invalid", "mailbox.bad_code", "a code is four groups of five letters")
    return (letters.match(/.{5}/g) ?? []).join("-")
}

export const mailWords = {
    code: {
        subject: "Code for your early-warning program",
        text: (code: string) =>
            [
                "A lead of your organisation requested this code from the early-warning program, to verify this",
                "mailbox:",
                "",
                `    ${code}`,
                "",
                "Enter it in the partner portal within two days. If you did not expect it, tell the operator.",
                "",
            ].join("\n"),
    },
    answered: {
        subject: "Your application to an early-warning program",
        text: () =>
            [
                "Your application was answered.",
                "",
                "Ask for the answer with the secret that you were given when you applied. This message does not say",
                "what was decided.",
                "",
            ].join("\n"),
    },
    link: {
        subject: "Sign in to your early-warning program",
        text: (link: string) =>
            [
                "This link signs you in to the partner portal. It works once, within three days:",
                "",
                `    ${link}`,
                "",
                "Only this mailbox received the link. Your earlier sessions and tokens have ended. If you did not expect",
                "a link, tell the operator, and not by mail.",
                "",
            ].join("\n"),
    },
} as const
