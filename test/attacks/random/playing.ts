/** Sends the random requests over HTTP to a program with at least one object of each kind. */
import type { Instant } from "@tocsin/base/instant"
import { dayMs, formatInstant, hourMs } from "@tocsin/base/instant"
import { saveClockMemory, lockClockMemory } from "../../../server/src/platform/time/clock-baseline.ts"
import type { Method } from "../../../server/src/kernel/route.ts"
import { releaseWavesJob } from "../../../server/src/share/release/actions/release-wave.ts"
import { findPerson } from "../../../server/src/trust/identity/actions/load-people.ts"
import { actingOn, system } from "../../support/actors.ts"
import type { Demonstration } from "../../support/demonstration.ts"
import { mailedLinkSecret, sendAccountMails } from "../../support/sign-in-mail.ts"
import type { Command } from "./commands.ts"
import { Partners, mustNotFail } from "./partners.ts"
import { type Tried, carriedOut } from "./tried.ts"

const nobody = "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c00ff"
/** Ids that an answer may contain. */
const notified = ["evidence", "hold", "inquiry", "finding", "procedure", "measure"] as const

interface Asked {
    readonly tried: Tried
    readonly finding: string | undefined
}

interface Answer {
    readonly id?: string
    readonly done?: boolean
    readonly approval?: string | null
    readonly finding?: string
}

export class Playing {
    readonly its: Demonstration
    readonly partners: Partners
    now: Instant
    /** Tokens of staff, including accounts that are created during the run. */
    readonly tokens: { readonly person: string; readonly token: string }[]
    /** The request behind each approval. */
    private readonly asked = new Map<string, Asked>()
    /** Counts actions that succeeded with an approval. */
    carried = 0
    /** Ids by object, the latest last. */
    private readonly known = new Map<string, string[]>()

    constructor(world: Demonstration, now: Instant) {
        this.its = world
        this.now = now
        this.partners = new Partners(world)
        this.tokens = [...world.seeded.operators]
    }

    idsOf(name: string): string[] {
        const ids = this.known.get(name) ?? []
        this.known.set(name, ids)
        return ids
    }

    partner(key: string): string {
        return this.its.seeded.partners.find(({ cast }) => cast.key === key)?.id ?? nobody
    }

    async send(person: number, method: Method, url: string, payload?: object) {
        const { token } = this.tokens[person % this.tokens.length] ?? { token: "" }
        const headers = { authorization: `Bearer ${token}` }
        return await this.its.apps.console.inject({ method, url, headers, ...(payload && { payload }) })
    }

    async passTo(instant: Instant): Promise<void> {
        this.now = instant
        const { services } = this.its
        await services.db.transaction((tx) => tx.query("update demo_clock set now_at = $1", [new Date(instant)]))
        await releaseWavesJob.run(services)
    }

    async play(command: Command): Promise<void> {
        if (command.do === "wait") await this.passTo(this.now + command.hours * hourMs)
        else if (command.do === "clocks") await this.doubt(command.jumped)
        else if (command.do === "try") {
            await this.attempt(command.who, command, command.with === null ? undefined : this.latest(command.with))
        } else if (command.do === "agreement") {
            await this.newAgreement(command.days)
            await this.partners.acceptAll(command.silent)
            await this.passTo(this.now + hourMs)
        } else if ("key" in command) await this.partners.action(command.key, command.do, this.now)
        else await this.follow(command.do, command.who, this.latest(command.which))
    }

    private latest(n: number): string | undefined {
        return [...this.asked.keys()].at(-1 - n)
    }

    private async follow(kind: "sign" | "void" | "carry out", by: number, approval: string | undefined): Promise<void> {
        if (approval === undefined) return
        if (kind === "void") await this.send(by, "DELETE", `/api/approvals/${approval}`)
        else if (kind === "sign") await this.sign(by, approval)
        else await this.attempt(by, this.asked.get(approval)?.tried ?? fail(), approval)
    }

    private async attempt(by: number, tried: Tried, approval: string | undefined): Promise<void> {
        const finding = approval === undefined ? undefined : this.asked.get(approval)?.finding
        const { method, path, body } = this.filled(
            approval === undefined ? tried : carriedOut(tried, { approval, finding }),
        )
        const answer = await this.send(by, method, path, body)
        mustNotFail(`${method} ${path}`, answer)
        if (answer.statusCode !== 200) return
        if (approval !== undefined) this.carried += 1
        const done = answer.json<Answer>()
        this.remember(path, done)
        if (done.done !== true && typeof done.approval === "string") {
            this.asked.set(done.approval, { tried, finding: done.finding })
        }
        const [, , slice, subject] = path.split("/")
        const isLinkMailed = path === "/api/staff" || (path.endsWith("/recovery") && Object(body).urgent === true)
        if (slice === "staff" && done.done === true && isLinkMailed) await this.enter(subject ?? done.id ?? fail())
    }

    remember(path: string, done: object): void {
        const ids = done as Readonly<Record<string, unknown>>
        for (const name of notified) if (typeof ids[name] === "string") this.idsOf(name).push(ids[name])
        const made = path.endsWith("/recalls") ? "recall" : path.endsWith("/api/regulatory-clocks") ? "clock" : null
        if (made !== null && typeof ids["id"] === "string") this.idsOf(made).push(ids["id"])
    }

    private filled<T>(value: T): T {
        const { seeded, toolshell } = this.its
        const lead = (key: string) =>
            seeded.partners
                .find(({ cast }) => cast.key === key)
                ?.people.find(({ roles }) => roles.some((role) => role === "lead"))?.person ?? nobody
        const nth = (name: string, n: number): string => {
            const ids = name === "person" ? this.tokens.map(({ person }) => person).toReversed() : this.idsOf(name)
            return ids.at(-1 - (n % Math.max(1, ids.length))) ?? nobody
        }
        return JSON.parse(
            JSON.stringify(value)
                .replaceAll("<toolshell>", toolshell)
                .replaceAll(/<in (\d+) days>/g, (_, n: string) => formatInstant(this.now + Number(n) * dayMs))
                .replaceAll(/<lead (\w+)>/g, (_, key: string) => lead(key))
                .replaceAll(/<(\w+) (\d+)>/g, (_, name: string, n: string) => nth(name, Number(n)))
                .replaceAll(/<(\w+)>/g, (_, key: string) => this.partner(key)),
        ) as T
    }

    /** The creator of an account reads its mailbox, and can sign in as it. A recovered account signs in again. */
    private async enter(person: string): Promise<void> {
        const { services, apps } = this.its
        const { console } = apps
        const mails = await sendAccountMails(services)
        const subject = await actingOn(services, this)(system, (ctx) => findPerson(ctx, person))
        const secret = mailedLinkSecret({ mails }, subject?.mail ?? fail())
        const session = await console.inject({ method: "POST", url: "/api/session", payload: { secret } })
        const headers = { cookie: `tocsin-console=${session.cookies[0]?.value}` }
        const { token } = (
            await console.inject({
                method: "POST",
                url: "/api/tokens",
                headers,
                payload: { name: "tool", scopes: ["manage"] },
            })
        ).json<{
            token: string
        }>()
        const known = this.tokens.findIndex((earlier) => earlier.person === person)
        if (known !== -1) this.tokens[known] = { person, token }
        else if (this.tokens.length < 12) this.tokens.push({ person, token })
    }

    /** Adds an agreement version at once, by one person, after its preview. */
    private async newAgreement(longestEmbargoDays: number | null): Promise<void> {
        const applies = formatInstant(this.now + hourMs)
        const preview = await this.send(0, "POST", "/api/agreements/preview", { applies })
        const { seen } = preview.json<{ seen?: string }>()
        const text = "Keep it to yourselves. ".repeat(10)
        const days = longestEmbargoDays === null ? {} : { longestEmbargoDays }
        const answer = await this.send(0, "POST", "/api/agreements", { text, termDays: null, applies, seen, ...days })
        mustNotFail("an agreement", answer)
    }

    async sign(by: number, approval: string): Promise<void> {
        const rows = await this.its.services.db.transaction((tx) =>
            tx.query<{ hash: string }>("select encode(effects_hash, 'hex') as hash from approvals where id = $1", [
                approval,
            ]),
        )
        await this.send(by, "POST", `/api/approvals/${approval}/sign`, { effectsHash: rows[0]?.hash ?? "" })
    }

    /** Writes the guard's state as after a clock ahead. Skips the minute until agreeing clocks are trusted. */
    private async doubt(jumped: boolean): Promise<void> {
        await this.its.services.db.transaction(async (tx) => {
            const memory = await lockClockMemory(tx)
            if (memory === null) return
            const frozen = jumped ? { doubt: "forward" as const, since: memory.reading.database } : null
            await saveClockMemory(tx, { ...memory, distrust: frozen, agreedSince: null })
        })
    }
}

function fail(): never {
    throw new Error("nothing was asked")
}
