/**
 * Sends mail by SMTP: plain text to one address, or the same text signed and encrypted (PGP/MIME, RFC 3156). The
 * headers of messages differ only in addresses, id and date.
 *
 * STARTTLS is required of every server on another machine, unless its URL has `?requireTLS=false`. Servers on this
 * machine mostly have self-signed certificates.
 *
 * A mail that was sent twice has one id, by which the receiver can detect it.
 */
import { Readable } from "node:stream"
import { createTransport } from "nodemailer"
import MimeNode from "nodemailer/lib/mime-node"
import { refuse } from "@tocsin/base/refusal"

export interface Message {
    readonly to: string
    readonly subject: string
    readonly text: string
    /** Unique, and the same for every attempt: the part of the Message-ID before the sender's domain. */
    readonly id: string
    /** An armoured OpenPGP message that replaces the text. */
    readonly encryptedText?: string
    /**
     * Identifies the mail when it bounces. It follows a plus in the sender address, where a bounce address is
     * configured.
     */
    readonly token?: string
}

export interface Mail {
    /**
     * Sends a message, and resolves when the server has accepted it. Calls `maySend` when the server waits for the
     * first byte. Refuses `mail.bad_address`. Throws `WithheldError` where the message may no longer be sent. Other
     * errors: try again later.
     */
    send(message: Message, maySend?: () => Promise<boolean>): Promise<void>
}

export class WithheldError extends Error {}

const stepMsMax = 5_000
/** Maximum time of one delivery, in milliseconds. */
export const sendMsMax = 20_000
const localHosts = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Opens a mail server. `bounces`: address for mail that bounces after delivery; null: the sender. */
export function openMail(smtpUrl: string, from: string, bounceAddress: string | null = null): Mail {
    const sender = validateAddress(from)
    const isLocal = localHosts.has(new URL(smtpUrl).hostname)
    const server = {
        url: smtpUrl,
        name: domainOf(sender),
        requireTLS: !isLocal,
        ignoreTLS: isLocal,
        connectionTimeout: stepMsMax,
        greetingTimeout: stepMsMax,
        socketTimeout: stepMsMax,
        dnsTimeout: stepMsMax,
    }
    return {
        send: async (message, maySend) => {
            const receiver = validateAddress(message.to)
            validateLine(message.subject)
            validateLine(message.id)
            const transport = createTransport(server)
            transport.use("stream", (mail, done) => {
                if (maySend) checkBeforeSending(mail.message, maySend)
                done()
            })
            const envelope = { from: senderFor(sender, bounceAddress, message.token), to: receiver }
            const built = { ...(await buildMessage(message, sender, receiver)), envelope }
            await withTimeout(sendMsMax, (signal) => transport.sendMail({ ...built, signal, ...safeOptions }))
        },
    }
}

/** The library must not read files or addresses for a message. */
const safeOptions = { xMailer: false, disableFileAccess: true, disableUrlAccess: true } as const

function senderFor(sender: string, bounceAddress: string | null, token?: string): string {
    if (bounceAddress === null || token === undefined) return sender
    const at = bounceAddress.lastIndexOf("@")
    return validateAddress(`${bounceAddress.slice(0, at)}+${token}${bounceAddress.slice(at)}`)
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1)

async function buildMessage({ subject, text, id, encryptedText }: Message, sender: string, receiver: string) {
    const messageId = `<${id}@${domainOf(sender)}>`
    const from = { name: "", address: sender }
    const to = { name: "", address: receiver }
    const headers = { "Auto-Submitted": "auto-generated" }
    if (encryptedText === undefined) return { from, to, subject, text, messageId, headers }
    const root = new MimeNode('multipart/encrypted; protocol="application/pgp-encrypted"')
    root.setHeader({ ...headers, From: from, To: to, Subject: subject, "Message-ID": messageId })
    const sevenBit = { "Content-Transfer-Encoding": "7bit" }
    root.createChild("application/pgp-encrypted").setHeader(sevenBit).setContent("Version: 1\r\n")
    root.createChild("application/octet-stream", { filename: "encrypted.asc" })
        .setHeader({ ...sevenBit, "Content-Disposition": "inline" })
        .setContent(encryptedText)
    return { raw: await root.build() }
}

/** Returns the part that is signed and encrypted: the text with its subject. */
export function partToEncrypt({ subject, text }: Pick<Message, "subject" | "text">): string {
    validateLine(subject)
    const headers = ['Content-Type: text/plain; charset=utf-8; protected-headers="v1"', `Subject: ${subject}`]
    return [...headers, "Content-Transfer-Encoding: 8bit", "", ...text.split("\n")].join("\r\n")
}

/** Asks `maySend` when the server waits for the message, and aborts before the first byte where it returns false. */
function checkBeforeSending(message: MimeNode, maySend: () => Promise<boolean>): void {
    const read = message.createReadStream.bind(message)
    message.createReadStream = (options) =>
        Readable.from(
            (async function* () {
                if (!(await maySend())) throw new WithheldError("the message may no longer be sent")
                yield* read(options)
            })(),
        )
}

/** Refuses every message with `mail.no_server`. */
export const noMail: Mail = {
    send: async ({ to }) => {
        validateAddress(to)
        refuse("conflict", "mail.no_server", "no mail server is set: `smtpUrl`")
    },
}

/** Whether the server permanently rejects the address (RFC 5321, 5yz). */
export function wasRejected(error: unknown): boolean {
    const { code, command, responseCode } = Object(error) as Readonly<Record<string, unknown>>
    const isPermanent = typeof responseCode === "number" && responseCode >= 500 && responseCode < 600
    return code === "EENVELOPE" && command === "RCPT TO" && isPermanent
}

/** Returns a plain address, `name@host`, without a list, display name, comment or line break. */
function validateAddress(text: string): string {
    const plain = /^[^\s\p{C}<>()[\]:;,"\\@]{1,64}@[^\s\p{C}<>()[\]:;,"\\@]+$/u.test(text)
    if (plain && Buffer.byteLength(text) <= 254) return text
    const shown = text.slice(0, 60).replaceAll(/\p{C}/gu, "?")
    return refuse("invalid", "mail.bad_address", `\`${shown}\` is not a mail address`)
}

function validateLine(text: string): void {
    if (/\p{Cc}/u.test(text)) throw new Error("a header has control characters")
}

/** Limits the total time, because a slow server can stay within each single limit. */
async function withTimeout(msMax: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error("the mail server took too long")), msMax)
    try {
        await work(late.signal)
    } finally {
        clearTimeout(timer)
    }
}
