/**
 * Defines mail about a person's own sign-in: links, and notices of changes. It goes only to that person's mailbox and
 * contains nothing about cases.
 */
import { type Instant, instantInWords, hourMs } from "@tocsin/base/instant"

/**
 * `recovery`: a new link will come. The others: a passkey was added, an account of single sign-on was connected or
 * disconnected, the recognition words of the person's organisation were changed.
 */
export type AccountMailKind =
    | "link"
    | "recovery"
    | "passkey_added"
    | "account_connected"
    | "account_disconnected"
    | "words_changed"

/** Sign-in links a day, of the staff or of one partner. Staff can send a partner's people twice as many. */
export const linksPerDayMax = 20

/** Time between a recovery that is not urgent and its link, in which the person can cancel it. */
export const recoveryDelayMs = 24 * hourMs

export interface AccountMail {
    readonly kind: AccountMailKind
    readonly isStaff: boolean
    readonly createdAt: Instant
    /** The sign-in link of a `link`. */
    readonly link: string
    /** Lines by which a partner's person recognises the mail. */
    readonly recognition: readonly string[]
}

const subjects: Readonly<Record<AccountMailKind, string>> = {
    link: "Sign in to your early-warning program",
    recovery: "A new sign-in link was requested for you",
    passkey_added: "A passkey was added to your account",
    account_connected: "Single sign-on was connected to your account",
    account_disconnected: "Single sign-on was disconnected from your account",
    words_changed: "The recognition words of your organisation were changed",
}

const warningTo = (reader: "an admin" | "the operator") =>
    `If you did not expect this, tell ${reader} by another channel than mail.`

/** Subject and text of a mail. The part of the program is named, because a person may know only one. */
export function composeAccountMail({ kind, isStaff, createdAt, link, recognition }: AccountMail) {
    const part = isStaff ? "the console" : "the partner portal"
    const lines: Readonly<Record<AccountMailKind, readonly string[]>> = {
        link: [
            `This link signs you in to ${part}. It works once, within three days:`,
            "",
            `    ${link}`,
            "",
            "Only this mailbox received the link. Any earlier passkeys, sessions and tokens of yours have ended.",
        ],
        recovery: [
            `A new sign-in link for ${part} was requested for you. You get it by mail after`,
            `${instantInWords(createdAt + recoveryDelayMs)}. Your passkeys, sessions and tokens end then.`,
            "",
            "If you can still sign in, press “Cancel new link” at the top of any page.",
        ],
        passkey_added: [`A passkey was added to your account in ${part} on ${instantInWords(createdAt)}.`],
        account_connected: [
            `An account of single sign-on was connected to your account on ${instantInWords(createdAt)}.`,
            `From then on it signs you in to ${part}.`,
        ],
        account_disconnected: [
            `An account of single sign-on was disconnected from your account on ${instantInWords(createdAt)}.`,
            `It no longer signs you in to ${part}, and its sessions have ended.`,
        ],
        words_changed: [
            `A lead changed the recognition words of your organisation on ${instantInWords(createdAt)}.`,
            `This mail has the earlier ones, if there were any. Read the new ones in ${part}.`,
        ],
    }
    return {
        subject: subjects[kind],
        text: [...lines[kind], "", ...recognition, warningTo(isStaff ? "an admin" : "the operator"), ""].join("\n"),
    }
}
