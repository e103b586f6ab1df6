import { once } from "node:events"
import fs from "node:fs"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { type ParsedMail, simpleParser } from "mailparser"
import { SMTPServer } from "smtp-server"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
    type RequestAs,
    type Operator,
    type RunningCommand,
    addressOf,
    requestAs,
    createHome,
    signIn,
} from "../../../test/support/command.ts"
import { startTocsin, runTocsin } from "../../../test/support/command.ts"
import { Authenticator, type Behaviour } from "../../../test/support/authenticator.ts"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"
import { type SeededMaster, copyDemonstration, seedMaster } from "../../../test/support/demonstration.ts"
import { dumpDatabase, foundIn } from "../../../test/support/dump.ts"
import { operators as castOperators, partners as castPartners } from "../demo/cast.ts"
import { readContent } from "../demo/content.ts"
import { bypass, demoCases } from "../demo/toolshell.ts"
import { formatInstant } from "@tocsin/base/instant"
import type { Db } from "../platform/postgres/db.ts"
import { type Keys, keyBytes } from "../platform/crypto/keys.ts"
import { openRootKey } from "../platform/crypto/root-key.ts"
import { noticeSubject, noticeText } from "../share/delivery/notices/actions/create-notices.ts"
import { type AccountMailKind, composeAccountMail } from "../trust/identity/account-mail/account-mail.ts"
import { taskMailSubject, taskMailText } from "../trace/tasks/actions/notify-staff.ts"

const dayMs = 86_400_000

/** The keys that open stored data: data keys and derived keys. */
async function keysIn(db: Db, keys: Keys): Promise<Buffer[]> {
    const rows = await db.transaction((tx) =>
        tx.query<{ scope: string; wrapped: Buffer }>("select scope, wrapped from data_keys"),
    )
    const open = await Promise.all(rows.map(({ scope, wrapped }) => keys.unwrap(`data_keys.wrapped:${scope}`, wrapped)))
    return [...open, keys.derive("record-heads", 32)]
}

const openRoot = (db: Db, key: Buffer): Promise<Keys> => db.transaction((tx) => openRootKey(tx, key))

/** Lines that are long enough to be unique. */
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim().length >= 20)

const published = ["advisories", "advisory_revisions", "advisory_documents", "advisory_entries"]

describe("a stolen copy of the database", () => {
    let master: SeededMaster
    beforeAll(async () => {
        master = await seedMaster()
    })
    afterAll(async () => {
        await master.close()
    })

    test("of the played demonstration reveals no name, content or key", async () => {
        const demonstration = await copyDemonstration(master)
        const { database, services, seeded } = demonstration
        await demonstration.moveTo(bypass.publication + dayMs)
        await demonstration.work()
        // Published texts are public: their case's facts may contain some.
        const [dump, text] = [await dumpDatabase(database.db, published), await dumpDatabase(database.db)]
        expect(foundIn(dump, ["wave.released", "copy.delivered", "notice.sent"])).toHaveLength(3)
        const finders = demoCases.map(({ finder }) => finder)
        const facts = demoCases.flatMap(({ title, cves, artifacts, timeline }) => [
            title,
            ...cves.flatMap((cve) => [cve.id, cve.title, cve.cvss.vector]),
            ...cves.flatMap((cve) => cve.fixedBuilds.flatMap(({ product, build }) => [product, build])),
            ...timeline.map(({ description: kind }) => kind),
            ...artifacts.flatMap(({ name, file }) => [name, ...linesOf(readContent(file))]),
        ])
        const people = [...castOperators, ...castPartners.flatMap((partner) => [partner, ...partner.people])]
        const names = people.flatMap(({ name, mail }) => [name, mail])
        const persons = [...seeded.operators, ...seeded.partners.flatMap((partner) => partner.people)]
        const secrets = persons.flatMap(({ token, link }) => [token, link])
        const identities = seeded.partners.map(({ identity }) => identity)
        const agreement = linesOf(readContent("agreement.md"))
        expect(facts.length).toBeGreaterThan(100)
        expect(foundIn(dump, facts)).toEqual([])
        expect(foundIn(text, [...finders, ...names, ...secrets, ...identities, ...agreement])).toEqual([])
        const keys = await keysIn(database.db, services.keys)
        expect(keys.length).toBeGreaterThan(castPartners.length)
        expect(foundIn(text, [...keys, Buffer.alloc(keyBytes, 7)])).toEqual([])
        await demonstration.close()
    })

    test.each(["a name", "Ünïcode ☂ text", "xyz"])("would show %j in any form", (secret) => {
        const bytes = Buffer.from(secret)
        for (const before of ["", "1", "12", "123"]) {
            const around = Buffer.concat([Buffer.from(before), bytes, Buffer.from("!")])
            expect(foundIn(`(${around.toString("base64")})`, [secret])).toHaveLength(1)
            expect(foundIn(`\\x${around.toString("hex")}`, [secret])).toHaveLength(1)
        }
        expect(foundIn(`(a,${secret.toUpperCase()})`, [secret])).toHaveLength(1)
        expect(foundIn("(nothing of it)", [secret, bytes])).toEqual([])
    })
})

interface Got {
    readonly to: string[]
    readonly raw: string
    readonly parsed: ParsedMail
}

describe("a served program", () => {
    const home = createHome()
    const got: Got[] = []
    const toOperators: Got[] = []
    const signIns: Got[] = []
    const passkeyNotices: Got[] = []
    const subjectOf = (kind: AccountMailKind) =>
        composeAccountMail({ kind, isStaff: true, createdAt: 0, link: "", recognition: [] }).subject
    const accountLists = new Map([
        [subjectOf("link"), signIns],
        [subjectOf("passkey_added"), passkeyNotices],
    ])
    let database: TestDatabase
    let smtp: SMTPServer
    let server: RunningCommand
    let [ada, bo]: (RequestAs | undefined)[] = []
    const authenticator = new Authenticator()
    let browser: Behaviour
    const asks = (person: RequestAs | undefined): RequestAs =>
        person ?? (() => Promise.reject(new Error("nobody is signed in")))

    beforeAll(async () => {
        database = await createDatabase()
        smtp = new SMTPServer({
            authOptional: true,
            disabledCommands: ["STARTTLS"],
            onData: (stream, session, done) => {
                stream.toArray().then(async (pieces: Buffer[]) => {
                    const raw = Buffer.concat(pieces).toString()
                    const to = session.envelope.rcptTo.map(({ address }) => address)
                    const isPartners = to.every((address) => address.endsWith("@zimtstern.example"))
                    const parsed = await simpleParser(raw)
                    const accountList = accountLists.get(parsed.subject ?? "")
                    const list = accountList ?? (isPartners ? got : toOperators)
                    list.push({ to, raw, parsed })
                    done()
                }, done)
            },
        })
        smtp.listen(0, "127.0.0.1")
        await once(smtp.server, "listening")
        const own = ["--database-url", database.url, "--key-file", path.join(home, "key")]
        const people = ["--operator", "Ada Byron <ada@operator.example>", "--operator", "Bo Diddley <bo@o.example>"]
        const { out } = await runTocsin(home, ["init", ...own, ...people, "--json"])
        const links = (JSON.parse(out) as { operators: Operator[] }).operators
        const url = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`
        const mail = ["--smtp-url", url, "--mail-from", "notices@program.example"]
        server = await startTocsin(home, [
            "serve",
            ...own,
            ...mail,
            "--console-port",
            "0",
            "--portal-port",
            "0",
            "--json",
        ])
        const console_ = addressOf(server, "console")
        const signedIn = async (operator: Operator | undefined) =>
            requestAs(console_, (await signIn(console_, operator?.link.split("#")[1] ?? "")).cookie)
        ada = await signedIn(links[0])
        bo = await signedIn(links[1])
        browser = { origin: `http://localhost:${new URL(console_).port}`, rpId: "localhost" }
        const { challenge } = await bo<{ challenge: string }>("POST", "/api/passkeys/registration-options", {})
        await bo("POST", "/api/passkeys", { name: "Key", registration: authenticator.create(challenge, browser) })
    })

    afterAll(async () => {
        server.child.kill("SIGKILL")
        smtp.close()
        await database.close()
        fs.rmSync(home, { recursive: true, force: true })
    })

    async function sign(approval: string): Promise<void> {
        const { pending } = await asks(bo)<{ pending: { id: string; effectsHash: string }[] }>("GET", "/api/approvals")
        const { effectsHash } = pending.find(({ id }) => id === approval) ?? {}
        const approvals = [{ approval, effectsHash }]
        const { challenge } = await asks(bo)<{ challenge: string }>("POST", "/api/approvals/signature-options", {
            approvals,
        })
        const assertion = authenticator.get(challenge, browser)
        await asks(bo)("POST", `/api/approvals/${approval}/sign`, { effectsHash, assertion })
    }

    /** Signs in by the latest link to this address, once `count` messages have come. */
    async function comesIn(portal: string, to: string, count: number): Promise<RequestAs> {
        const came = () => signIns.filter((got) => got.to.includes(to))
        for (let n = 0; n < 400 && came().length < count; n++) await new Promise((done) => setTimeout(done, 50))
        const secret = /\/sign-in#([\w-]{43})/.exec(came().at(-1)?.parsed.text ?? "")?.[1] ?? ""
        return requestAs(portal, (await signIn(portal, secret)).cookie)
    }

    /** Adds a partner with two people; returns its id and its lead. */
    async function admit(): Promise<{ partner: string; lead: RequestAs }> {
        const ask = asks(ada)
        const obligations = [{ id: "2.1", kind: "no_offensive_use", text: "The Drossel clause." }]
        const agreement = { text: "Zimtsterne are kept secret.", termDays: 30, obligations }
        const { version } = await ask("POST", "/api/agreements", agreement)
        const named = { name: "Zimtstern AG", mail: "psirt@zimtstern.example", tier: "validate", status: "invited" }
        const { id } = await ask<{ id: string }>("POST", "/api/partners", named)
        const portal = addressOf(server, "portal")
        const join = async (name: string, role: "lead" | "analyst") => {
            const person = { name, mail: `${role}@zimtstern.example`, roles: [role] }
            const { approval } = await ask("POST", `/api/partners/${id}/roster`, person)
            await sign(String(approval))
            await ask("POST", `/api/partners/${id}/roster`, { ...person, approval })
            return await comesIn(portal, person.mail, 1)
        }
        await join("Nils Anis", "analyst")
        const invited = await join("Lena Kardamom", "lead")
        await invited("POST", "/api/agreements/accept", { version })
        await invited("POST", "/api/keys", { recipient: await identityToRecipient(await generateX25519Identity()) })
        const { approval } = await ask("PUT", `/api/partners/${id}/status`, { status: "active" })
        await sign(String(approval))
        await ask("PUT", `/api/partners/${id}/status`, { status: "active", approval })
        return { partner: id, lead: await comesIn(portal, "lead@zimtstern.example", 2) }
    }

    /** Investigates a leak of the case, suspends the partner, writes to it and gets its answer. */
    async function pursue(value: string, partner: string, lead: RequestAs): Promise<void> {
        const [ask, message] = [asks(ada), "Drossel"]
        const observedAt = formatInstant(Date.now() - 1000)
        const leak = {
            name: `${message}.md`,
            source: `${message} paste`,
            note: `${message} saw it`,
            content: `${message} sang it`,
        }
        const { evidence } = await ask("POST", "/api/evidence", {
            kind: "leak",
            case: value,
            ...leak,
            observedAt,
            clock: "synchronised",
        })
        const second = await asks(bo)<{ id: string }>("GET", "/api/me")
        const opened = { case: value, title: `${message} or not`, evidence: [evidence], members: [second.id] }
        const { inquiry } = await ask<{ inquiry: string }>("POST", "/api/inquiries", opened)
        const found = { partner, conclusion: `${message} did`, confidence: "low", obligation: "2.1" }
        const { finding, approval } = await ask("POST", `/api/inquiries/${inquiry}/propose-finding`, found)
        await sign(String(approval))
        await ask("POST", `/api/inquiries/${inquiry}/confirm-finding`, { finding })
        const letter = { subject: `${message} letter`, text: `Dear ${message}` }
        await ask("POST", "/api/procedures", { inquiry, finding, reason: `${message} was it`, letter })
        await ask("PUT", "/api/letter-templates/lift", { subject: `${message} is free`, text: `Dear ${message}` })
        await ask("POST", "/api/measures", { kind: "interim_suspension", partner, reason: `${message} again`, letter })
        const { letters } = await lead<{ letters: { id: string }[] }>("GET", "/api/letters")
        await lead("POST", `/api/letters/${letters[0]?.id}/answer`, { text: `No ${message} here` })
    }

    /** Opens a case whose first wave is already due, so that the second signature releases it. */
    async function release(title: string, cve: string, tlp: string, names: readonly string[]): Promise<string> {
        const ask = asks(ada)
        const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
        const { id } = await ask<{ id: string }>("POST", "/api/cases", {
            title,
            finder: "Finder Fenchel",
            vulnerabilities: [
                {
                    cve,
                    cwe: "CWE-94",
                    score: 9.8,
                    vector,
                    products: [{ vendor: "Muskatware", name: "Muskat Server", fixedIn: null }],
                },
            ],
        })
        const endsAt = formatInstant(Date.now() + 3 * dayMs)
        await ask("POST", `/api/cases/${id}/embargo-entries`, { action: "agree", endsAt })
        for (const name of names) {
            const content = `# ${title}\n\nThe canary Goldammer sings in ${name}.\n`
            await ask("POST", `/api/cases/${id}/artifacts`, { class: "summary", tlp, pap: "AMBER", name, content })
        }
        await ask("POST", `/api/cases/${id}/waves`, {})
        const { waves } = await ask<{ waves: { id: string; tier: string }[] }>("GET", `/api/cases/${id}/waves`)
        const first = waves.find(({ tier }) => tier === "validate")?.id
        const { approval } = await ask("POST", `/api/waves/${first}/release`)
        await sign(String(approval))
        return id
    }

    async function mails(count: number): Promise<void> {
        for (let n = 0; n < 400 && got.length < count; n++) await new Promise((done) => setTimeout(done, 50))
        expect(got).toHaveLength(count)
    }

    test("notifies its partners by the same mail for every case, and stores no text in clear", async () => {
        const { partner, lead } = await admit()
        const cases = [await release("Goldammer in Muskat Server", "CVE-2031-48151", "AMBER+STRICT", ["one.md"])]
        await mails(2)
        cases.push(await release("Rotkehlchen in Muskat Server", "CVE-2031-48152", "RED", ["a.md", "b.md", "c.md"]))
        await mails(4)

        const receivers = ["analyst@zimtstern.example", "lead@zimtstern.example"]
        expect(got.map(({ to }) => to.join()).toSorted()).toEqual([...receivers, ...receivers].toSorted())
        for (const { parsed } of got) expect(parsed).toMatchObject({ subject: noticeSubject, text: noticeText })
        for (const { parsed } of toOperators)
            expect(parsed).toMatchObject({ subject: taskMailSubject, text: taskMailText })
        const plain = got.map(({ raw }) => raw.replaceAll(/^(To|Message-ID|Date): .*$/gm, "$1"))
        expect(new Set(plain).size).toBe(1)

        const open = ["Goldammer", "Rotkehlchen", "Muskat", "CVE-2031", "Fenchel", "sings in", "Kardamom", "Nils Anis"]
        const text = got.map(({ raw }) => raw).join("\n")
        const severity = ["9.8", "critical", "CVSS", "CWE-94", "TLP", "AMBER", "validate", "summary", ".md", "48151"]
        const subjects = text.replaceAll(/^(To|Message-ID|Date): .*$/gm, "")
        expect(foundIn(subjects, [...open, ...severity, "Zimtstern"])).toEqual([])
        expect(foundIn(text, [...open, ...cases])).toEqual([])

        await pursue(cases[0] ?? "", partner, lead)
        const stored = [
            ...open,
            "Drossel",
            "Zimtstern",
            "Ada Byron",
            "Bo Diddley",
            "operator.example",
            "CVSS:3.1/AV",
            "one.md",
        ]
        const key = Buffer.from(fs.readFileSync(path.join(home, "key"), "utf8").trim(), "hex")
        const dump = await dumpDatabase(database.db)
        expect(foundIn(dump, ["notice.sent", "letters ", "findings ", ...cases])).toHaveLength(5)
        expect(
            foundIn(dump, [...stored, key, ...(await keysIn(database.db, await openRoot(database.db, key)))]),
        ).toEqual([])
        const links = signIns.map(({ parsed }) => /\/sign-in#([\w-]{43})/.exec(parsed.text ?? "")?.[1] ?? "")
        expect(links).toHaveLength(4)
        expect(foundIn(dump, links)).toEqual([])
        expect(foundIn(server.log(), [...stored, key, ...links])).toEqual([])
        expect(passkeyNotices.map(({ to }) => to)).toEqual([["bo@o.example"]])
        expect(await server.end("SIGTERM")).toBe(0)
    })
})
