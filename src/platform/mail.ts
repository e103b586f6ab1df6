/**
 * Mail, going out by SMTP: plain text to one address, with headers that are the same for every message but the
 * addresses, the id and the date.
 *
 * Encrypted on the way: STARTTLS is required of every server that is not on this machine, unless its URL says
 * `?requireTLS=false`. A mail that was handed over twice carries one id, by which the receiver may know it.
 */
import { createTransport } from "nodemailer"
import { refuse } from "../lib/refusal.ts"

export interface Message {
    readonly to: string
    readonly subject: string
    readonly text: string
    /** `<unique@name>`; the same at every try. */
    readonly messageId: string
}

export interface Mail {
    /** Resolves when the server has taken the message over. Throws `mail.bad_address`; otherwise try again later. */
    send(message: Message): Promise<void>
}

const stepMsMax = 5_000
const sendMsMax = 20_000
const onThisMachine = new Set(["localhost", "127.0.0.1", "[::1]"])

export function openMail(smtpUrl: string, from: string): Mail {
    const sender = mustBeAddress(from)
    const transport = createTransport({
        url: smtpUrl,
        name: sender.slice(sender.lastIndexOf("@") + 1),
        requireTLS: !onThisMachine.has(new URL(smtpUrl).hostname),
        connectionTimeout: stepMsMax,
        greetingTimeout: stepMsMax,
        socketTimeout: stepMsMax,
        dnsTimeout: stepMsMax,
    })
    return {
        send: async ({ to, subject, text, messageId }) => {
            const receiver = mustBeAddress(to)
            mustBeLine(subject)
            mustBeLine(messageId)
            const handed = transport.sendMail({
                from: { name: "", address: sender },
                to: { name: "", address: receiver },
                subject,
                text,
                messageId,
                xMailer: false,
                headers: { "Auto-Submitted": "auto-generated" },
                disableFileAccess: true,
                disableUrlAccess: true,
            })
            await within(handed, sendMsMax)
        },
    }
}

/** Where no mail server is set: every message is refused, and so is seen to be unsent. */
export const noMail: Mail = {
    send: async ({ to }) => {
        mustBeAddress(to)
        refuse("conflict", "mail.no_server", "no mail server is set: `smtpUrl`")
    },
}

/** Whether the server said for good that it takes nothing for this address (RFC 5321, 5yz), and not that it failed. */
export function wasRejected(error: unknown): boolean {
    const { code, responseCode } = Object(error) as { readonly code?: unknown; readonly responseCode?: unknown }
    return code === "EENVELOPE" && typeof responseCode === "number" && responseCode >= 500 && responseCode < 600
}

/** One plain address, `name@host`: no list, no display name, no comment, nothing that could end a header. */
function mustBeAddress(text: string): string {
    const plain = /^[^\s\p{C}<>()[\]:;,"\\@]{1,64}@[^\s\p{C}<>()[\]:;,"\\@]+$/u.test(text)
    if (plain && Buffer.byteLength(text) <= 254) return text
    const shown = text.slice(0, 60).replaceAll(/\p{C}/gu, "?")
    return refuse("invalid", "mail.bad_address", `\`${shown}\` is no mail address`)
}

function mustBeLine(text: string): void {
    if (/\p{Cc}/u.test(text)) throw new Error("a header holds control characters")
}

/** A server that answers drop by drop passes every step's limit; not this one. */
async function within<T>(work: Promise<T>, msMax: number): Promise<T> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error("the mail server took too long")), msMax)
    try {
        return await Promise.race([work, late.promise])
    } finally {
        clearTimeout(timer)
        work.catch(() => undefined)
    }
}
