import { once } from "node:events"
import net from "node:net"
import { type ParsedMail, simpleParser } from "mailparser"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"
import { afterEach, describe, expect, test } from "vitest"
import { WithheldError, noMail, openMail, partToEncrypt, wasRejected } from "./mail.ts"
import { makeOpenPgpKey, signAndEncrypt } from "../crypto/openpgp.ts"

interface Got {
    readonly from: string
    readonly to: string[]
    readonly raw: string
    readonly parsed: ParsedMail
}

const cleanups: (() => void)[] = []
afterEach(() => cleanups.splice(0).forEach((close) => close()))

async function server(options: SMTPServerOptions = {}): Promise<{ url: string; got: Got[] }> {
    const got: Got[] = []
    const smtp = new SMTPServer({
        authOptional: true,
        disabledCommands: ["STARTTLS"],
        onData: (stream, session, done) => {
            stream.toArray().then(async (pieces: Buffer[]) => {
                const raw = Buffer.concat(pieces).toString()
                const { mailFrom, rcptTo } = session.envelope
                const from = mailFrom === false ? "" : mailFrom.address
                got.push({ from, to: rcptTo.map((item) => item.address), raw, parsed: await simpleParser(raw) })
                done()
            }, done)
        },
        ...options,
    })
    smtp.on("error", () => undefined)
    smtp.listen(0, "127.0.0.1")
    await once(smtp.server, "listening")
    cleanups.push(() => smtp.close())
    return { url: `smtp://127.0.0.1:${(smtp.server.address() as net.AddressInfo).port}`, got }
}

const message = { to: "p1@partner.example", subject: "Notice", text: "Something to fetch.\n", id: "1" }

describe("mail", () => {
    test("arrives at a real server unchanged", async () => {
        const { url, got } = await server()
        await openMail(url, "tocsin@program.example").send({ ...message, text: "Grüße\nvon uns\n" })
        expect(got).toHaveLength(1)
        expect(got[0]).toMatchObject({ from: "tocsin@program.example", to: ["p1@partner.example"] })
        expect(got[0]?.parsed).toMatchObject({
            subject: "Notice",
            text: "Grüße\nvon uns\n",
            messageId: "<1@program.example>",
        })
        expect(got[0]?.parsed.attachments).toEqual([])
    })

    test("arrives at a local server that offers TLS with a self-signed certificate", async () => {
        const { url, got } = await server({ disabledCommands: [] })
        await openMail(url, "tocsin@program.example").send(message)
        expect(got).toHaveLength(1)
    })

    test("has the same headers and body for every message except addresses, id and date", async () => {
        const { url, got } = await server()
        const mail = openMail(url, "tocsin@program.example")
        await mail.send(message)
        await mail.send({ ...message, to: "other@elsewhere.example", id: "2" })
        const [item, two] = got.map(({ raw }) => raw.replaceAll(/^(To|Message-ID|Date): .*$/gm, "$1"))
        expect(item).toBe(two)
        const names = got[0]?.parsed.headerLines.map(({ key }) => key).toSorted()
        expect(names).toEqual([
            "auto-submitted",
            "content-transfer-encoding",
            "content-type",
            "date",
            "from",
            "message-id",
            "mime-version",
            "subject",
            "to",
        ])
    })

    test.each([
        "",
        "no-at",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\n",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "group: a@b.example;",
        '"a b"@c.example',
        "a@b@c.example",
        "a@b.example\u202e",
        `${"x".repeat(65)}@b.example`,
        `x@${"y".repeat(253)}`,
    ])("G-10 is not sent to %j", async (to) => {
        const { url, got } = await server()
        const refused = expect.objectContaining({ code: "mail.bad_address" })
        await expect(openMail(url, "tocsin@program.example").send({ ...message, to })).rejects.toThrow(refused)
        await expect(noMail.send({ ...message, to })).rejects.toThrow(refused)
        expect(() => openMail(url, to)).toThrow(refused)
        expect(got).toEqual([])
    })

    test.each([
        ["in clear text", {}],
        ["encrypted", { encryptedText: "-----BEGIN PGP MESSAGE-----\n" }],
    ])("%s is sent from an address with its token, and from the sender address without one", async (_, input) => {
        const { url, got } = await server()
        const [token, sender] = ["0123456789abcdef".repeat(3), "tocsin@program.example"]
        await openMail(url, sender, "bounces@back.example").send({ ...message, ...input, token })
        await openMail(url, sender, "bounces@back.example").send({ ...message, ...input })
        await openMail(url, sender).send({ ...message, ...input, token })
        expect(got.map(({ from }) => from)).toEqual([`bounces+${token}@back.example`, sender, sender])
        for (const { to, parsed, raw } of got) {
            expect([to, parsed.from?.text, raw.includes(token)]).toEqual([["p1@partner.example"], sender, false])
        }
    })

    test("cannot have headers injected by its subject or id", async () => {
        const { url, got } = await server()
        const mail = openMail(url, "tocsin@program.example")
        await expect(mail.send({ ...message, subject: "a\r\nBcc: c@d.example" })).rejects.toThrow(/control/)
        await expect(mail.send({ ...message, id: "<1@a>\r\nBcc: c@d.example" })).rejects.toThrow(/control/)
        expect(got).toEqual([])
    })

    test("reports a server that refuses it or cannot be reached", async () => {
        const refusing = await server({ onRcptTo: (_, __, done) => done(new Error("no such person")) })
        await expect(openMail(refusing.url, "t@p.example").send(message)).rejects.toThrow(/no such person/)
        await expect(openMail("smtp://127.0.0.1:1", "t@p.example").send(message)).rejects.toThrow(/ECONNREFUSED/)
        await expect(noMail.send(message)).rejects.toMatchObject({ code: "mail.no_server" })
    })

    test("is cancelled before its first byte when permission ends while the server waits", async () => {
        const { url, got } = await server()
        const mail = openMail(url, "t@p.example")
        await expect(mail.send(message, async () => false)).rejects.toThrow(WithheldError)
        await expect(mail.send(message, () => Promise.reject(new Error("no answer")))).rejects.toThrow("no answer")
        expect(got).toEqual([])
        await mail.send(message, async () => true)
        expect(got).toHaveLength(1)
    })

    test.each([
        ["onRcptTo", 550, true],
        ["onRcptTo", 451, false],
        ["onMailFrom", 550, false],
    ] as const)("refused by %s with %i: permanent %s", async (when, responseCode, forGood) => {
        const no = Object.assign(new Error("no"), { responseCode })
        const refusing = await server({ [when]: (_: unknown, __: unknown, done: (error: Error) => void) => done(no) })
        const error: unknown = await openMail(refusing.url, "t@p.example")
            .send(message)
            .catch((it: unknown) => it)
        expect(wasRejected(error)).toBe(forGood)
        const away: unknown = await openMail("smtp://127.0.0.1:1", "t@p.example")
            .send(message)
            .catch((it: unknown) => it)
        expect(wasRejected(away)).toBe(false)
    })

    test("that is encrypted has the usual headers, none of its text in clear, and a valid signature", async () => {
        const { url, got } = await server()
        const at = Date.parse("2026-01-01T00:00:00Z")
        const openPgpKey = await makeOpenPgpKey("P1", at)
        const ours = await makeOpenPgpKey("Program", at)
        const part = partToEncrypt(message)
        const { armoured } = await signAndEncrypt(ours.secretText, [openPgpKey.publicText], part, at)
        const mail = openMail(url, "tocsin@program.example")
        await mail.send({ ...message, encryptedText: String(armoured) })
        await mail.send(message)
        const [sealed, plain] = got
        const names = (got: Got | undefined) => got?.parsed.headerLines.map(({ key }) => key).toSorted()
        expect(names(sealed)).toEqual(names(plain)?.filter((name) => name !== "content-transfer-encoding"))
        expect(sealed).toMatchObject({ from: "tocsin@program.example", to: ["p1@partner.example"] })
        expect(sealed?.parsed).toMatchObject({ subject: "Notice", messageId: "<1@program.example>" })
        expect(sealed?.raw).toMatch(/^Content-Type: multipart\/encrypted;\s+protocol="application\/pgp-encrypted"/m)
        expect(sealed?.raw).not.toContain("Something to fetch")
        const types = sealed?.parsed.attachments.map(({ contentType }) => contentType)
        expect(types).toEqual(["application/pgp-encrypted", "application/octet-stream"])
        const { decrypt, readKey, readMessage, readPrivateKey } = await import("openpgp")
        const { data, signatures } = await decrypt({
            message: await readMessage({ armoredMessage: String(sealed?.parsed.attachments[1]?.content) }),
            decryptionKeys: await readPrivateKey({ armoredKey: openPgpKey.secretText }),
            verificationKeys: await readKey({ armoredKey: ours.publicText }),
            date: new Date(at),
        })
        expect(await signatures[0]?.verified).toBe(true)
        const inner = await simpleParser(String(data))
        expect(inner).toMatchObject({ subject: "Notice", text: "Something to fetch.\n" })
    })

    test("gives up on a silent server", async () => {
        const silent = net.createServer((socket) => cleanups.push(() => socket.destroy()))
        silent.listen(0, "127.0.0.1")
        await once(silent, "listening")
        cleanups.push(() => silent.close())
        const { port } = silent.address() as net.AddressInfo
        await expect(openMail(`smtp://127.0.0.1:${port}`, "t@p.example").send(message)).rejects.toThrow(
            /never received|Timeout/,
        )
    })

    test("is not sent in clear text to a remote server, unless its URL allows it", async () => {
        const { url, got } = await server()
        const elsewhere = url.replace("127.0.0.1", "0.0.0.0")
        await expect(openMail(elsewhere, "t@p.example").send(message)).rejects.toThrow(/STARTTLS|TLS/)
        expect(got).toEqual([])
        await openMail(`${elsewhere}?requireTLS=false`, "t@p.example").send(message)
        expect(got).toHaveLength(1)
    })
})
