/**
 * Everybody of the operator tries everything, at random, over HTTP. What came of it is read from the record alone:
 * whatever gave somebody more stands there with a signature that was asked for by one person and given by another,
 * within a day, over this act, by an account that does not go back to the first, and was used once. And whoever can
 * read something of a fallen wave was named by two people for it, or given it by them since.
 */
import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { dayMs, formatInstant, hourMs, parseInstant } from "../../src/lib/instant.ts"
import type { Method } from "../../src/platform/http.ts"
import { releasing } from "../../src/share/release/actions.ts"
import { operatorRoles } from "../../src/trust/identity/person.ts"
import { type Standing, isJoining, tiers } from "../../src/trust/partners/partner.ts"
import { asking } from "../asking.ts"
import { type Demonstration, demonstrationFrom, seedMaster } from "../demonstration.ts"
import { readBy, shownTwice, unsigned } from "./reading.ts"

let its: Demonstration
const start = parseInstant("2025-06-23T00:00:00Z")
const times = { now: start }
/** Tokens of the operator's persons; accounts that are made on the way come to them. */
const tokens: { readonly person: string; readonly token: string }[] = []
let waves: readonly string[]
let cases: readonly string[]
let attribution: string
let before = 0

beforeAll(async () => {
    const master = await seedMaster()
    its = await demonstrationFrom(master)
    tokens.push(...its.seeded.operators)
    const answer = await send(0, "GET", `/api/cases/${its.toolshell}/waves`)
    waves = answer.json<{ waves: { id: string }[] }>().waves.map(({ id }) => id)
    cases = (await send(0, "GET", "/api/cases")).json<{ cases: { id: string }[] }>().cases.map(({ id }) => id)
    await firstWaveFalls()
    attribution = await aCopyLeaks()
    before = (await events()).length
    return async () => await master.close()
}, 120_000)
afterAll(() => its.close())

async function send(who: number, method: Method, url: string, payload?: object) {
    const { token } = tokens[who % tokens.length] ?? { token: "" }
    const headers = { authorization: `Bearer ${token}` }
    return await its.apps.console.inject({ method, url, headers, ...(payload && { payload }) })
}

/** Signed for by two, so that there is something to read from the beginning on; the next wave is due soon. */
async function firstWaveFalls(): Promise<void> {
    // One has said no before: nobody signs for it.
    await send(0, "POST", `/api/cases/${its.toolshell}/invitations`, { partner: idOf("copperline") })
    await actAs("copperline", "declines")
    const { approval } = (await send(0, "POST", `/api/waves/${waves[0]}/release`, {})).json<{ approval: string }>()
    await sign(3, approval)
    await passTo(parseInstant("2025-06-24T17:00:00Z"))
    await passTo(parseInstant("2025-07-02T08:00:00Z"))
}

/** Whoever opens a document's key has every copy of it. */
async function aCopyLeaks(): Promise<string> {
    const content = await asking(its, "halcyon").copy("technical.md")
    const aoife = asking(its, "aoife")
    const { evidence } = await aoife.post("/api/evidence", {
        ...{ kind: "leak", name: "paste.txt", source: "a site", case: its.toolshell, content },
        ...{ seenAt: "2025-07-01T00:00:00Z", clock: "unknown" },
    })
    return (await aoife.post(`/api/evidence/${evidence}/attribution`, {})).attributions[0].id
}

async function passTo(instant: number): Promise<void> {
    times.now = instant
    await its.doors.db.transaction((tx) => tx.query("update demo_clock set now = $1", [new Date(times.now)]))
    await releasing.run(its.doors)
}

// --- What is tried

interface Tried {
    readonly method: Method
    readonly path: string
    readonly body: object
}
interface Try extends Tried {
    readonly who: number
    /** The place of an approval, from the latest, that is handed in with it. */
    readonly with: number | null
}
type Command =
    | ({ readonly do: "try" } & Try)
    | { readonly do: "sign" | "void" | "carry out"; readonly who: number; readonly which: number }
    /** A new version, at once but for an hour, that all accept but these. */
    | { readonly do: "agreement"; readonly days: number | null; readonly silent: readonly string[] }
    | { readonly do: PartnerAct; readonly key: string }
    | { readonly do: "wait"; readonly hours: number }

/** What a partner's lead does by itself. */
const partnerActs = ["accepts", "declines", "leaves", "accepts the agreement"] as const
type PartnerAct = (typeof partnerActs)[number]

/** Mostly those who may (a manager, a manager who signs, an admin who signs, another who signs), and anybody. */
const who = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 2, 3, 5) }, { weight: 1, arbitrary: fc.nat(11) })
const signer = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(2, 3, 5) }, { weight: 1, arbitrary: fc.nat(11) })
const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })
/** Few partners, so that acts meet. */
const partnerKeys = ["halcyon", "copperline", "pinegrove"] as const
const partnerIds = (): string[] => its.seeded.partners.map(({ id }) => id)
const idOf = (key: string): string => its.seeded.partners.find(({ cast }) => cast.key === key)?.id ?? ""
const at = fc.constantFrom(...partnerKeys).map((key) => `/api/partners/<${key}>`)
const on = fc.constantFrom(...partnerKeys).map((key) => ({ partner: `<${key}>`, reason: "it was looked into" }))
const put = (path: fc.Arbitrary<string>, body: fc.Arbitrary<object>) =>
    fc.record({ method: fc.constant<Method>("PUT"), path, body })
const post = (path: fc.Arbitrary<string>, body: fc.Arbitrary<object>) =>
    fc.record({ method: fc.constant<Method>("POST"), path, body })
const said = fc.constant("/api/measures")
const wave = (act: string) => fc.nat(3).map((n) => `/api/waves/<wave ${n}>${act}`)
const duty = {
    regime: "RMSV",
    appliesTo: "any",
    trigger: "any known",
    deadlines: [{ report: "report", hours: 48, after: "becoming aware" }],
    date: "2021-07-12",
    authority: "MIIT",
}
const profile = { ...duty, proofOfConceptDemanded: false, onwardSharingKnown: true, source: "its own statement" }

const tries: fc.Arbitrary<Tried> = fc.oneof(
    put(
        at.map((one) => `${one}/tier`),
        fc.constantFrom(...tiers).map((tier) => ({ tier })),
    ),
    put(
        at.map((one) => `${one}/standing`),
        fc.constantFrom("invited", "active", "declined").map((standing) => ({ standing })),
    ),
    put(
        at.map((one) => `${one}/duties`),
        fc.constantFrom([], [profile]).map((duties) => ({ duties })),
    ),
    post(
        at.map((one) => `${one}/roster`),
        fc.constant({ name: "A Person", mail: "person@partner.example", roles: ["lead"] }),
    ),
    post(
        said,
        on.map((its_) => ({ ...its_, kind: "interim suspension" })),
    ),
    post(
        said,
        fc
            .tuple(on, fc.subarray(["poc", "repro"], { minLength: 1 }))
            .map(([its_, withhold]) => ({ ...its_, kind: "restrict", withhold })),
    ),
    post(fc.constantFrom("/api/measures/reinstatement", "/api/measures/lift"), on),
    post(
        fc.constantFrom(1, 2).map((version) => `/api/policies/${version}/activation`),
        fc.constant({}),
    ),
    post(fc.constant("/api/policies/1/approval"), fc.constant({})),
    post(fc.constant("/api/attributions/<attribution>/opening"), fc.constant({})),
    // What is frozen is read by nobody.
    post(
        fc.oneof({ weight: 12, arbitrary: wave("/release") }, { weight: 1, arbitrary: wave("/freeze") }),
        fc.constant({}),
    ),
    post(wave("/thaw"), fc.constant({})),
    put(
        fc.nat(2).map((n) => `/api/waves/<wave ${n}>`),
        fc.constantFrom(24, 120, 300, 336).map((hoursBefore) => ({ hoursBefore })),
    ),
    post(
        fc.constant("/api/persons"),
        fc
            .subarray([...operatorRoles], { minLength: 1 })
            .map((roles) => ({ name: "An Account", mail: "account@northlight.example", roles })),
    ),
    post(
        fc.integer({ min: 6, max: 11 }).map((n) => `/api/persons/<person ${n}>/link`),
        fc.constant({}),
    ),
    put(
        // Of whoever is not needed for the rest: what one person takes away here, another would miss.
        fc.integer({ min: 6, max: 11 }).map((n) => `/api/persons/<person ${n}>/roles`),
        fc.subarray([...operatorRoles], { minLength: 1 }).map((roles) => ({ roles })),
    ),
)

/** ENABLE once an invitation after a fall takes two: while one person may, what is read by it is rightly found. */
const invitesTakeTwo = true
const ofCase = "/api/cases/<toolshell>"
const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
const invitations = fc.oneof(
    post(
        fc.constant(`${ofCase}/invitations`),
        fc.constantFrom(...partnerKeys).map((key) => ({ partner: `<${key}>` })),
    ),
    post(
        fc.constant(`${ofCase}/invitations/tier`),
        fc.constantFrom(...tiers).map((tier) => ({ tier })),
    ),
)
/** About the case. */
const caseTries: fc.Arbitrary<Tried> = fc.oneof(
    post(
        fc.constant(`${ofCase}/embargo`),
        fc.integer({ min: 3, max: 60 }).map((days) => ({
            ...{ act: "move", why: "It was agreed with the vendor." },
            endsAt: formatInstant(parseInstant("2025-07-05T17:00:00Z") + days * dayMs),
        })),
    ),
    put(
        fc.constant(`${ofCase}/permission`),
        fc.constantFrom("One text.", "Another text.").map((text) => ({ deployment: "allowed", text })),
    ),
    put(
        fc.constant(ofCase),
        fc.constantFrom("One title", "Another title").map((title) => ({
            ...{ title, products: [], finder: "" },
            vulnerabilities: [{ cve: "CVE-2025-49704", cwe: "CWE-94", score: 8.8, vector }],
        })),
    ),
    post(
        fc.constant(`${ofCase}/links`),
        fc.nat(3).map((n) => ({ to: `<case ${n}>`, kind: "variant of" })),
    ),
    ...(invitesTakeTwo ? [invitations] : []),
)

const one: fc.Arbitrary<Command> = fc.oneof(
    {
        weight: 2,
        arbitrary: fc
            .tuple(caseTries, fc.nat(2))
            .map(([its_, by]): Command => ({ do: "try", ...its_, who: by, with: null })),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...partnerActs), key: fc.constantFrom(...partnerKeys) }) },
    {
        weight: 1,
        arbitrary: fc.record({
            do: fc.constant("agreement" as const),
            days: fc.constantFrom(365, 365, 365, 365, 30, null),
            silent: fc.subarray([...partnerKeys]),
        }),
    },
    {
        weight: 4,
        arbitrary: fc
            .tuple(tries, who, fc.option(fc.nat(3)))
            .map(([its_, by, which]): Command => ({ do: "try", ...its_, who: by, with: which })),
    },
    {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("sign" as const), who: signer, which }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("void" as const), who, which }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("carry out" as const), who, which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 13 }) }) },
)

const anyTried = fc.oneof({ weight: 8, arbitrary: tries }, { weight: 1, arbitrary: caseTries })

/** Asked, signed and carried out by anybody, with whatever comes in between. */
const several: fc.Arbitrary<Command[]> = fc
    .record({ tried: anyTried, by: who, signer, carrier: who, first: fc.option(one), last: fc.option(one) })
    .map(({ tried, by, signer: second, carrier, first, last }) => [
        { do: "try", ...tried, who: by, with: null },
        ...(first ? [first] : []),
        { do: "sign", who: second, which: 0 },
        ...(last ? [last] : []),
        { do: "carry out", who: carrier, which: 0 },
    ])
const commands = fc.array(several, { minLength: 15, maxLength: 15 }).map((all) => all.flat())

/** By what each approval was asked for. */
const asked = new Map<string, Tried>()
const latest = (n: number): string | undefined => [...asked.keys()].at(-1 - n)

const filled = <T>(value: T): T =>
    JSON.parse(
        JSON.stringify(value)
            .replaceAll("<toolshell>", its.toolshell)
            .replaceAll("<attribution>", attribution)
            .replaceAll(/<case (\d)>/g, (_, n: string) => cases[Number(n) % cases.length] ?? "")
            .replaceAll(/<wave (\d)>/g, (_, n: string) => waves[Number(n)] ?? "")
            .replaceAll(/<person (\d+)>/g, (_, n: string) => tokens[Number(n) % tokens.length]?.person ?? "")
            .replaceAll(/<(\w+)>/g, (_, key: string) => idOf(key)),
    ) as T

async function play(its_: Command): Promise<void> {
    if (its_.do === "wait") await passTo(times.now + its_.hours * hourMs)
    else if (its_.do === "try") {
        const approval = its_.with === null ? undefined : latest(its_.with)
        await attempt(its_.who, its_, approval)
    } else if (its_.do === "agreement") {
        await newAgreement(its_.days)
        for (const { cast } of its.seeded.partners) {
            if (!its_.silent.includes(cast.key)) await actAs(cast.key, "accepts the agreement")
        }
        await passTo(times.now + hourMs)
    } else if ("key" in its_) await actAs(its_.key, its_.do)
    else {
        const approval = latest(its_.which)
        if (approval === undefined) return
        if (its_.do === "void") await send(its_.who, "DELETE", `/api/approvals/${approval}`)
        else if (its_.do === "sign") await sign(its_.who, approval)
        else await attempt(its_.who, asked.get(approval) ?? fail(), approval)
    }
}

async function attempt(by: number, tried: Tried, approval: string | undefined): Promise<void> {
    const { method, path: to, body } = filled(approval === undefined ? tried : carriedOut(tried))
    const takesOne = !/\/(release|freeze|embargo|links)$|\/waves\/[^/]+$|\/api\/measures$/.test(to)
    const answer = await send(by, method, to, { ...body, ...(approval && takesOne && { approval }) })
    expect(answer.statusCode, `${method} ${to}: ${answer.body}`).toBeLessThan(500)
    if (answer.statusCode !== 200) return
    const done = answer.json<{ id?: string; link?: string; done?: boolean; approval?: string | null }>()
    if (done.done !== true && typeof done.approval === "string") asked.set(done.approval, tried)
    const [, , slice, of] = to.split("/")
    if (slice === "persons" && done.link !== undefined) await enter(of ?? done.id ?? fail(), done.link)
}

/** Of a policy, and of what a case says, what asks is another address than what does. */
function carriedOut({ method, path, body }: Tried): Tried {
    if (method !== "PUT" || !path.startsWith(ofCase)) {
        return { method, path: path.replace(/\/approval$/, "/activation"), body }
    }
    return { method: "POST", path: `${ofCase}/retelling`, body: {} }
}

/** Whoever makes an account can sign in by it. */
async function enter(person: string, link: string): Promise<void> {
    const session = await its.apps.console.inject({ method: "POST", url: "/api/session", payload: { secret: link } })
    const headers = { cookie: `tocsin-console=${session.cookies[0]?.value}` }
    const { token } = (await its.apps.console.inject({ method: "POST", url: "/api/tokens", headers })).json<{
        token: string
    }>()
    if (tokens.length < 12) tokens.push({ person, token })
}

/** Another version at once, by one person, after a look at what it takes away. */
async function newAgreement(longestEmbargoDays: number | null): Promise<void> {
    const applies = formatInstant(times.now + hourMs)
    const preview = await send(0, "POST", "/api/agreements/preview", { applies })
    const { seen } = preview.json<{ seen?: string }>()
    const text = "Keep it to yourselves. ".repeat(10)
    const days = longestEmbargoDays === null ? {} : { longestEmbargoDays }
    const answer = await send(0, "POST", "/api/agreements", { text, termDays: null, applies, seen, ...days })
    expect(answer.statusCode, answer.body).toBeLessThan(500)
}

async function actAs(key: string, what: PartnerAct): Promise<void> {
    const { raw } = asking(its, `${key}.lead`)
    const listed_ = async (path: string, name: string): Promise<{ id?: string; version?: number }[]> =>
        (await raw("GET", path)).json<Record<string, { id?: string; version?: number }[]>>()[name] ?? []
    if (what === "accepts the agreement") {
        const version = (await listed_("/api/agreements", "agreements")).map((its_) => its_.version ?? 0)
        await done(await raw("POST", "/api/agreements/acceptance", { version: Math.max(...version) }))
        return
    }
    const [warned, invited] = [
        await listed_("/api/warnings", "warnings"),
        await listed_("/api/consents", "invitations"),
    ]
    for (const { id } of [...warned, ...invited]) {
        const path = `/api/consents/${id}`
        if (what === "leaves") await done(await raw("POST", `${path}/exit`))
        else await done(await raw("POST", `${path}/answer`, { accepts: what === "accepts" }))
    }
}

const did = new Set<string>()
async function done({ statusCode, body, raw: { req } }: Awaited<ReturnType<typeof send>>): Promise<void> {
    expect(statusCode, body).toBeLessThan(500)
    if (statusCode === 200) did.add(String(req.url).replace(/.*\//, ""))
}

async function sign(by: number, approval: string): Promise<void> {
    const rows = await its.doors.db.transaction((tx) =>
        tx.query<{ hash: string }>("select encode(effects_hash, 'hex') as hash from approvals where id = $1", [
            approval,
        ]),
    )
    await send(by, "POST", `/api/approvals/${approval}/signature`, { effectsHash: rows[0]?.hash ?? "" })
}

function fail(): never {
    throw new Error("nothing was asked")
}

// --- What came of it

interface Event {
    readonly kind: string
    readonly at: number
    readonly body: Readonly<Record<string, unknown>>
}

const events = async (): Promise<Event[]> =>
    await its.doors.db.transaction((tx) => tx.query<Event>("select kind, at, body from events order by seq"))

const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : [])
const holds = (more: unknown, all: unknown): boolean => listed(all).every((one) => listed(more).includes(one))

const isAuditor = (roles: unknown): boolean => holds(["auditor"], roles)

/** The act that two must have signed for this event; null where one person is enough. */
class Oracle {
    private readonly standings = new Map<unknown, Standing>()
    private readonly duties = new Map<unknown, readonly string[]>()
    private readonly withheld = new Map<unknown, readonly string[]>()
    /** Cases of which a wave has fallen. */
    private readonly read = new Set<unknown>()
    /** Of the operator's persons. */
    private readonly roles = new Map<unknown, unknown>()
    /** Whoever joined by the event before: the first link belongs to that. */
    private joined: unknown = null

    mustBe(event: Event): string | null {
        const { kind, body } = event
        const { person } = body
        if (kind === "credential.issued") {
            const isForOther = body["of"] === "link" && this.roles.has(person) && body["by"] !== person
            const isFirst = this.joined === person
            return isForOther && !isFirst && !isAuditor(this.roles.get(person)) ? "person.renew_link" : null
        }
        const isOperators = (kind === "person.joined" && body["partner"] === null) || kind === "person.roles_changed"
        if (isOperators) this.roles.set(person, body["roles"])
        this.joined = kind === "person.joined" ? person : null
        return this.mustBeOf(event)
    }

    private mustBeOf({ kind, body }: Event): string | null {
        const { partner } = body
        switch (kind) {
            case "wave.released":
                this.read.add(body["case"])
                return "wave.release"
            case "case.revised":
            case "case.permission_set":
                return this.read.has(body["case"]) ? "case.retell" : null
            case "wave.thawed":
                // By the wave's own release, signed after the freeze, or by a signature of its own.
                return "wave."
            case "partner.tier_changed":
                return "partner.change_tier"
            case "partner.added":
            case "partner.standing_changed": {
                this.standings.set(partner, body["standing"] as Standing)
                if (kind === "partner.added" || body["standing"] !== "active") return null
                return body["was"] === "invited" ? "partner.activate" : "partner.reinstate"
            }
            case "partner.duties_set": {
                const was = this.duties.get(partner)
                this.duties.set(partner, listed(body["regimes"]))
                return holds(body["regimes"], was) ? null : "partner.loosen_duties"
            }
            case "partner.restricted": {
                const was = this.withheld.get(partner)
                this.withheld.set(partner, listed(body["withhold"]))
                return holds(body["withhold"], was) ? null : "partner.loosen_restriction"
            }
            case "partner.restriction_lifted":
                this.withheld.delete(partner)
                return "partner.loosen_restriction"
            case "policy.activated":
                return body["version"] === 1 && body["replaces"] === 2 ? "policy.activate" : null
            case "person.joined":
                if (partner === null) return isAuditor(body["roles"]) ? null : "person.join"
                if (isJoining(this.standings.get(partner) ?? "applicant")) return null
                return "partner.add_person"
            case "marks.opened":
                return "marks.open"
            case "person.roles_changed":
                return holds(body["was"], body["roles"]) ? null : "person.widen_roles"
            default:
                return null
        }
    }
}

/** What each gave, by the record; how often an act that takes two was done. */
function judge(all: readonly Event[], from: number): Map<string, number> {
    const oracle = new Oracle()
    const [requests, signatures] = [new Map<unknown, Event>(), new Map<unknown, Event>()]
    const makers = new Map<unknown, unknown>()
    const used = new Set<unknown>()
    const counts = new Map<string, number>()
    const behind = (person: unknown): unknown[] => {
        const maker = makers.get(person) ?? null
        return maker === null ? [person] : [person, ...behind(maker)]
    }
    let last: Event | null = null
    for (const [i, event] of all.entries()) {
        const { kind, body } = event
        if (kind === "person.joined") makers.set(body["person"], body["by"])
        if (kind === "approval.requested") requests.set(body["approval"], event)
        if (kind === "approval.signed") signatures.set(body["approval"], event)
        const act = oracle.mustBe(event)
        if (i >= from && act !== null) {
            const words = `${kind} ${JSON.stringify(body)}`
            // The use stands before what it was used for, in the same transaction: no other act in between.
            expect(last, words).not.toBe(null)
            expect(String(last?.body["act"]), words).toContain(act)
            const [request, signature] = [
                requests.get(last?.body["approval"]) ?? fail(),
                signatures.get(last?.body["approval"]) ?? fail(),
            ]
            const [one, other] = [behind(request.body["by"]), behind(signature.body["by"])]
            expect(
                one.filter((person) => other.includes(person)),
                words,
            ).toEqual([])
            expect(signature.at - request.at, words).toBeLessThan(dayMs)
            counts.set(kind, (counts.get(kind) ?? 0) + 1)
        }
        if (kind === "approval.used") {
            expect(used, "an approval is used once").not.toContain(body["approval"])
            used.add(body["approval"])
            last = event
        } else if (!partOfTheUse.includes(kind)) last = null
    }
    return counts
}

/** What a use of an approval does on the way to what it is for. */
const partOfTheUse = ["approval.voided", "wave.thawed", "embargo.ended"]

test("an account with roles comes, and a new link to it, once two have signed", async () => {
    const all = { who: 3, which: 0, with: null, method: "POST" } as const
    const body = { name: "An Account", mail: "account@northlight.example", roles: ["author"] }
    const known = tokens.length
    for (const tried of [
        { path: "/api/persons", body },
        { path: `/api/persons/<person ${known}>/link`, body: {} },
    ]) {
        await play({ do: "try", ...all, ...tried })
        await play({ do: "sign", ...all })
        await play({ do: "carry out", ...all })
        await play({ do: "sign", ...all, who: 2 })
        await play({ do: "carry out", ...all })
    }
    const counts = judge(await events(), before)
    expect([counts.get("person.joined"), counts.get("credential.issued")]).toEqual([1, 1])
    for (const act of ["person.join", "person.renew_link"]) {
        const alone = (await events()).filter(({ kind, body: its_ }) => kind !== "approval.used" || its_["act"] !== act)
        expect(() => judge(alone, before), act).toThrow()
    }
})

test("nothing that takes two happens with one, whoever tries what", async () => {
    let seen = 0
    await fc.assert(
        fc.asyncProperty(commands, async (all) => {
            for (const its_ of all) {
                await play(its_)
                if (its_.do !== "carry out") continue
                const { all: read, used } = await readBy(its.doors, times.now, partnerIds())
                expect(unsigned(read, used)).toEqual([])
                const { kept, anew } = await shownTwice(its.doors, times.now, its.seeded.partners)
                expect(kept).toEqual(anew)
                seen += kept.length
            }
            judge(await events(), before)
        }),
        { numRuns: process.env["SLOW"] ? 100 : 10, endOnFailure: true },
    )
    const counts = judge(await events(), before)
    // Else nothing of the kind was done, and nothing was shown by it.
    expect([...counts.values()].reduce((all, its_) => all + its_, 0)).toBeGreaterThan(2)
    expect(did).toContain("acceptance")
    expect(seen).toBeGreaterThan(0)
    expect(its.faults).toEqual([])
}, 600_000)

test("and an act of one person would be found in the record", async () => {
    const all = await events()
    const [seeded, played] = [all.slice(0, before), all.slice(before)]
    expect(() => judge([...seeded, ...played.filter(({ kind }) => kind !== "approval.used")], before)).toThrow()
    const requests = new Map(all.map(({ kind, body }) => [`${kind} ${String(body["approval"])}`, body["by"]]))
    const signedByWhoeverAsked = played.map((event) => {
        if (event.kind !== "approval.signed") return event
        const by = requests.get(`approval.requested ${String(event.body["approval"])}`)
        return { ...event, body: { ...event.body, by } }
    })
    expect(() => judge([...seeded, ...signedByWhoeverAsked], before)).toThrow()
    const aDayLate = played.map((one) => (one.kind === "approval.signed" ? { ...one, at: one.at + dayMs } : one))
    expect(() => judge([...seeded, ...aDayLate], before)).toThrow()
})

test("and what was read without a signature would be found", async () => {
    const { all, used } = await readBy(its.doors, parseInstant("2025-06-24T18:00:00Z"), partnerIds())
    const [first] = all
    expect(first).toBeDefined()
    expect(unsigned(all, [])).toEqual(all)
    const ofOthers = used.map((one) => ({
        ...one,
        recipients: one.recipients.filter((id) => id !== first?.partner),
        act: one.act === "policy.activate" ? "wave.release" : one.act,
    }))
    expect(unsigned(all, ofOthers)).toContainEqual(first)
})
