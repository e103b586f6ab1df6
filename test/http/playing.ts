/** Runs a scene of a script against the real apps as its people, and checks each answer. */
import { Decrypter } from "age-encryption"
import type { LightMyRequestResponse } from "fastify"
import { expect } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Side } from "../../server/src/kernel/route.ts"
import type { Demonstration } from "../support/demonstration.ts"
import { recorded } from "../support/actors.ts"
import { newId } from "../support/database.ts"
import type { Asked, Check, Scene } from "./script.ts"
import { mustBeMailedLink } from "../support/sign-in-mail.ts"
import { at } from "./path.ts"

/** Random parts of answers. */
const random = new Set(["date", "x-request-id"])

interface Kept {
    readonly status: number
    readonly headers: string
    readonly payload: Buffer
}

export class Player {
    private readonly its: Demonstration
    private readonly kept = new Map<string, unknown>()
    private readonly answers = new Map<string, Kept>()
    private headers: Readonly<Record<string, string>> = {}
    private side: Side = "portal"
    /** Of the asking partner. */
    private identity: string | null = null

    constructor(world: Demonstration) {
        this.its = world
        for (const { name, person, token, link } of world.seeded.operators)
            this.keepPerson(firstName(name), person, token, link)
        for (const { id, cast, people } of world.seeded.partners) {
            this.kept.set(cast.key, id)
            for (const { person, roles, token, link } of people) {
                this.keepPerson(
                    roles.includes("lead") ? `${cast.key}.lead` : `${cast.key}.analyst`,
                    person,
                    token,
                    link,
                )
            }
        }
        this.kept.set("toolshell", world.toolshell)
    }

    private keepPerson(name: string, person: string, token: string, link: string): void {
        this.kept.set(`person ${name}`, person)
        this.kept.set(`token ${name}`, token)
        this.kept.set(`link ${name}`, link)
    }

    async play(scene: Scene): Promise<void> {
        for (const block of scene.blocks) {
            try {
                if (block.kind === "directive") await this.direct(block.verb, this.filled(block.rest))
                else await this.ask(block.request, block.checks)
            } catch (error) {
                throw new Error(`line ${block.line}: ${(error as Error).message}`, { cause: error })
            }
        }
    }

    private async direct(verb: string, rest: string): Promise<void> {
        if (verb === "as") this.become(rest)
        else if (verb === "on") this.side = rest as Side
        else if (verb === "clock") await this.its.moveTo(parseInstant(rest))
        else if (verb === "work") await this.its.work()
        else if (verb === "mail") {
            await this.its.work()
            this.kept.set("link", mustBeMailedLink(this.its, rest))
        } else {
            const [name, , ...value] = rest.split(" ")
            this.kept.set(name ?? "", valueOf(value.join(" ")))
        }
    }

    /**
     * A person: `copperline`, `copperline.lead`, `ingrid`, `nobody`, `bearer TEXT`, `session TEXT` (on the last side).
     */
    private become(person: string): void {
        const [kind, secret = ""] = person.split(/ (.*)/)
        const partner = this.its.seeded.partners.find(({ cast }) => cast.key === person.split(".")[0])
        this.identity = partner?.identity ?? this.identity
        if (kind === "nobody") this.headers = {}
        else if (kind === "bearer") this.headers = { authorization: `Bearer ${secret}`.trimEnd() }
        else if (kind === "session") this.headers = { cookie: `tocsin-${this.side}=${secret}` }
        else {
            const token = this.mustKeep(`token ${partner && !person.includes(".") ? `${person}.analyst` : person}`)
            this.headers = { authorization: `Bearer ${String(token)}` }
            this.side = partner ? "portal" : "console"
        }
    }

    private async ask(request: Asked, checks: readonly Check[]): Promise<void> {
        const before = await this.newestEvent()
        const body = request.body === null ? null : this.filled(request.body)
        const named = request.headers.map(([name, value]) => [name, this.filled(value)] as const)
        const answer = await this.its.apps[this.side].inject({
            method: request.method as "GET",
            url: this.filled(request.path),
            headers: {
                ...this.headers,
                ...(body !== null && { "content-type": "application/json" }),
                ...Object.fromEntries(named),
            },
            ...(body !== null && { payload: body }),
        })
        const problem = answer.statusCode >= 400 ? (this.json(answer) as { code?: unknown } | null)?.code : null
        const wanted = `${request.status} ${request.status >= 400 ? (request.code ?? String(problem)) : "null"}`
        mustBe(`${answer.statusCode} ${String(problem)}`, wanted, answer.body.slice(0, 200))
        for (const check of checks) {
            try {
                await this.check(answer, check, before)
            } catch (error) {
                throw new Error(`line ${check.line}: ${(error as Error).message}`, { cause: error })
            }
        }
    }

    private async check(answer: LightMyRequestResponse, check: Check, before: number): Promise<void> {
        if (check.kind === "let") {
            this.kept.set(check.name, await this.value(answer, this.filled(check.term)))
        } else if (check.kind === "keep") this.answers.set(check.name, keptOf(answer))
        else if (check.kind === "same") mustBe(keptOf(answer), this.answers.get(check.name))
        else if (check.kind === "recorded") {
            const kinds = (await recorded(this.its.database, before)).map(({ kind }) => kind)
            mustBe(kinds, check.kinds)
        } else {
            const found = await this.value(answer, this.filled(check.term))
            compare(found, check.operator, this.filled(check.value))
        }
    }

    /** A term: `$.path`, `body`, `size` (in bytes), `opened` (by the asking partner's key), `cookie`, `header NAME`. */
    private async value(answer: LightMyRequestResponse, term: string): Promise<unknown> {
        if (term === "body") return answer.body
        if (term === "size") return answer.rawPayload.length
        if (term === "cookie") return answer.cookies[0]?.value ?? null
        if (term === "opened") return await this.opened(answer.rawPayload)
        if (term.startsWith("header ")) return answer.headers[term.slice(7)] ?? null
        if (term.startsWith("$")) return at(this.json(answer), term)
        throw new Error(`\`${term}\` is no term`)
    }

    private async opened(bytes: Uint8Array): Promise<string> {
        const age = new Decrypter()
        if (this.identity === null) throw new Error("nobody here has a key")
        age.addIdentity(this.identity)
        return (await age.decrypt(bytes, "text")).trimEnd()
    }

    private json(answer: LightMyRequestResponse): unknown {
        return answer.body === "" ? null : (JSON.parse(answer.body) as unknown)
    }

    /** `${name}`; `${random}` an id that nothing has; `${repeat 70 text}`; `${json name}`, quoted. */
    private filled(text: string): string {
        return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
            if (name === "random") return newId()
            const [, count, kind = ""] = /^repeat (\d+) (.+)$/.exec(name) ?? []
            if (count !== undefined) return kind.repeat(Number(count))
            if (name.startsWith("json ")) return JSON.stringify(this.mustKeep(name.slice(5)))
            const value = this.mustKeep(name)
            return typeof value === "string" ? value : JSON.stringify(value)
        })
    }

    private mustKeep(name: string): unknown {
        if (!this.kept.has(name)) throw new Error(`nothing is kept as \`${name}\``)
        return this.kept.get(name)
    }

    private async newestEvent(): Promise<number> {
        const [row] = await this.its.services.db.transaction((tx) =>
            tx.query<{ seq: number }>("select coalesce(max(seq), 0)::int as seq from events"),
        )
        return row?.seq ?? 0
    }
}

const firstName = (name: string): string => (name.split(" ")[0] ?? "").toLowerCase()

function keptOf(answer: LightMyRequestResponse): Kept {
    const headers = Object.entries(answer.headers).filter(([name]) => !random.has(name))
    return { status: answer.statusCode, headers: JSON.stringify(headers), payload: answer.rawPayload }
}

function valueOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown
    } catch {
        return text
    }
}

function mustBe(found: unknown, wanted: unknown, message = ""): void {
    expect(found, message).toEqual(wanted)
}

function compare(found: unknown, operator: string, written: string): void {
    const text = typeof found === "string" ? found : JSON.stringify(found)
    const value = valueOf(written)
    if (operator === "=")
        expect(typeof found === "string" && typeof value !== "string" ? valueOf(found) : found).toEqual(value)
    else if (operator === "!=") expect(found).not.toEqual(value)
    else if (operator === "~") expect(text).toMatch(new RegExp(written))
    else if (operator === "!~") expect(text).not.toMatch(new RegExp(written))
    else if (operator === ">") expect(found).toBeGreaterThan(Number(written))
    else if (operator === "has") expect(Array.isArray(found) ? found : text).toContainEqual(value)
    else expect(Array.isArray(found) ? found : text).not.toContainEqual(value)
}
