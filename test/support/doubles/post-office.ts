/** A mail server on a real socket, with a scripted answer per recipient. */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { type ParsedMail, simpleParser } from "mailparser"
import { SMTPServer } from "smtp-server"
import { type Mail, openMail } from "../../../server/src/platform/mail/mail.ts"

export interface DeliveredMail {
    readonly to: string
    readonly raw: string
    readonly parsed: ParsedMail
}

export interface PostOffice {
    readonly delivered: DeliveredMail[]
    /** Recipients in the order of the requests. */
    readonly requestedRecipients: string[]
    readonly mail: Mail
    readonly url: string
    /** Returns the reply code for a recipient; 250 accepts it. */
    answer: (to: string) => Promise<number>
    close(): Promise<void>
}

export async function openPostOffice(): Promise<PostOffice> {
    const delivered: DeliveredMail[] = []
    const requestedRecipients: string[] = []
    const server = new SMTPServer({
        authOptional: true,
        disabledCommands: ["STARTTLS"],
        onRcptTo: ({ address }, _, done) => {
            requestedRecipients.push(address)
            void postOffice.answer(address).then((responseCode) => {
                if (responseCode === 250) done()
                else done(Object.assign(new Error(`no ${address}`), { responseCode }))
            })
        },
        onData: (stream, { envelope }, done) => {
            stream.toArray().then(async (pieces: Buffer[]) => {
                const raw = Buffer.concat(pieces).toString()
                const parsed = await simpleParser(raw)
                for (const { address } of envelope.rcptTo) delivered.push({ to: address, raw, parsed })
                done()
            }, done)
        },
    })
    server.on("error", () => undefined)
    server.listen(0, "127.0.0.1")
    await once(server.server, "listening")
    const { port } = server.server.address() as AddressInfo
    const url = `smtp://127.0.0.1:${port}`
    const postOffice: PostOffice = {
        delivered,
        requestedRecipients,
        url,
        mail: openMail(url, "tocsin@program.example"),
        answer: async () => 250,
        close: () => new Promise((resolve) => server.close(() => resolve())),
    }
    return postOffice
}
