/** Runs a scene of a script against the real apps as its people, and checks each answer. */
import { type CompactMatrix, expandMatrix } from "../../server/src/share/entitlement/compact-matrix.ts"
import { Decrypter } from "age-encryption"
import type { LightMyRequestResponse } from "fastify"
import { expect } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { sealedFormatOf } from "@tocsin/client/sealed-format"
import { parseTestCode } from "@tocsin/client/test-copy"
import type { Side } from "../../server/src/kernel/route.ts"
import type { Demonstration } from "../support/demonstration.ts"
import { listEvents } from "../support/actors.ts"
import { openOpenPgp, testCertificate } from "../support/doubles/openpgp.ts"
import { newId } from "../support/database.ts"
import type { ScriptRequest, Check, Scene } from "./script.ts"
import { mailedLinkSecret } from "../support/sign-in-mail.ts"
import { valueAt } from "./path.ts"

/** Random parts of answers. */
const randomHeaders = new Set(["date", "x-request-id"])

interface KeptAnswer {
    readonly status: number
    readonly headers: string
    readonly payload: Buffer
}

export class Player {
    private readonly demonstration: Demonstration
    private readonly variables = new Map<string, unknown>()
    private readonly answers = new Map<string, KeptAnswer>()
    private headers: Readonly<Record<string, string>> = {}
    private side: Side = "portal"
    /** Of the asking partner. */
    private identity: string | null = null

    constructor(world: Demonstration) {
        this.demonstration = world
        for (const { name, person, token, link } of world.seeded.operators)
            this.keepPerson(firstName(name), person, token, link)
        for (const { id, cast, people } of world.seeded.partners) {
            this.variables.set(cast.key, id)
            for (const { person, roles, token, link } of people) {
                this.keepPerson(
                    roles.includes("lead") ? `${cast.key}.lead` : `${cast.key}.analyst`,
                    person,
                    token,
                    link,
                )
            }
        }
        this.variables.set("toolshell", world.toolshell)
    }

    private keepPerson(name: string, person: string, token: string, link: string): void {
        this.variables.set(`person ${name}`, person)
        this.variables.set(`token ${name}`, token)
        this.variables.set(`link ${name}`, link)
    }

    async play(scene: Scene): Promise<void> {
        this.variables.set("certificate", await testCertificate())
        for (const block of scene.blocks) {
            try {
                if (block.kind === "directive") await this.runDirective(block.verb, this.substitute(block.rest))
                else await this.sendRequest(block.request, block.checks)
            } catch (error) {
                throw new Error(`line ${block.line}: ${(error as Error).message}`, { cause: error })
            }
        }
    }

    private async runDirective(verb: string, rest: string): Promise<void> {
        if (verb === "as") this.actAs(rest)
        else if (verb === "on") this.side = rest as Side
        else if (verb === "clock") await this.demonstration.moveTo(parseInstant(rest))
        else if (verb === "work") await this.demonstration.work()
        else if (verb === "mail") {
            await this.demonstration.work()
            this.variables.set("link", mailedLinkSecret(this.demonstration, rest))
        } else {
            const [name, , ...value] = rest.split(" ")
            this.variables.set(name ?? "", valueOf(value.join(" ")))
        }
    }

    /**
     * A person: `copperline`, `copperline.lead`, `ingrid`, `nobody`, `bearer TEXT`, `session TEXT` (on the last side).
     */
    private actAs(person: string): void {
        const [kind, secret = ""] = person.split(/ (.*)/)
        const partner = this.demonstration.seeded.partners.find(({ cast }) => cast.key === person.split(".")[0])
        this.identity = partner?.identity ?? this.identity
        if (kind === "nobody") this.headers = {}
        else if (kind === "bearer") this.headers = { authorization: `Bearer ${secret}`.trimEnd() }
        else if (kind === "session") this.headers = { cookie: `tocsin-${this.side}=${secret}` }
        else {
            const token = this.variable(`token ${partner && !person.includes(".") ? `${person}.analyst` : person}`)
            this.headers = { authorization: `Bearer ${String(token)}` }
            this.side = partner ? "portal" : "console"
        }
    }

    private async sendRequest(request: ScriptRequest, checks: readonly Check[]): Promise<void> {
        const before = await this.newestEvent()
        const body = request.body === null ? null : this.substitute(request.body)
        const named = request.headers.map(([name, value]) => [name, this.substitute(value)] as const)
        const answer = await this.demonstration.apps[this.side].inject({
            method: request.method as "GET",
            url: this.substitute(request.path),
            headers: {
                ...this.headers,
                ...(body !== null && { "content-type": "application/json" }),
                ...Object.fromEntries(named),
            },
            ...(body !== null && { payload: body }),
        })
        const problem = answer.statusCode >= 400 ? (this.json(answer) as { code?: unknown } | null)?.code : null
        const wanted = `${request.status} ${request.status >= 400 ? (request.code ?? String(problem)) : "null"}`
        expectEqual(`${answer.statusCode} ${String(problem)}`, wanted, answer.body.slice(0, 200))
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
            this.variables.set(check.name, await this.value(answer, this.substitute(check.term)))
        } else if (check.kind === "keep") this.answers.set(check.name, keptAnswer(answer))
        else if (check.kind === "same") expectEqual(keptAnswer(answer), this.answers.get(check.name))
        else if (check.kind === "recorded") {
            const kinds = (await listEvents(this.demonstration.database, before)).map(({ kind }) => kind)
            expectEqual(kinds, check.kinds)
        } else {
            const found = await this.value(answer, this.substitute(check.term))
            expectComparison(found, check.operator, this.substitute(check.value))
        }
    }

    /**
     * A term: `$.path`, `cells` (of a matrix, as `cells[partner=…,class=…].decision`), `body`, `size`
     * (in bytes), `opened` (by the asking partner's age key, or the test key of OpenPGP), `code` (of the opened test or
     * confirmation copy), `cookie`, `header NAME`.
     */
    private async value(answer: LightMyRequestResponse, term: string): Promise<unknown> {
        if (term === "body") return answer.body
        if (term === "size") return answer.rawPayload.length
        if (term === "cookie") return answer.cookies[0]?.value ?? null
        if (term === "opened") return await this.decrypt(answer.rawPayload)
        if (term === "code") return parseTestCode(await this.decrypt(answer.rawPayload))
        if (term.startsWith("header ")) return answer.headers[term.slice(7)] ?? null
        if (/^cells\b/.test(term)) return valueAt({ cells: this.cellsOf(answer) }, `$.${term}`)
        if (term.startsWith("$")) return valueAt(this.json(answer), term)
        throw new Error(`\`${term}\` is no term`)
    }

    private async decrypt(bytes: Uint8Array): Promise<string> {
        if (sealedFormatOf(bytes) === "openpgp") return (await openOpenPgp(bytes)).trimEnd()
        const age = new Decrypter()
        if (this.identity === null) throw new Error("nobody here has a key")
        age.addIdentity(this.identity)
        return (await age.decrypt(bytes, "text")).trimEnd()
    }

    private cellsOf(answer: LightMyRequestResponse): unknown {
        return expandMatrix(this.json(answer) as CompactMatrix<unknown>)
    }

    private json(answer: LightMyRequestResponse): unknown {
        return answer.body === "" ? null : (JSON.parse(answer.body) as unknown)
    }

    /** `${name}`; `${random}` an id that nothing has; `${repeat 70 text}`; `${json name}`, quoted. */
    private substitute(text: string): string {
        return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
            if (name === "random") return newId()
            const [, count, kind = ""] = /^repeat (\d+) (.+)$/.exec(name) ?? []
            if (count !== undefined) return kind.repeat(Number(count))
            if (name.startsWith("json ")) return JSON.stringify(this.variable(name.slice(5)))
            const value = this.variable(name)
            return typeof value === "string" ? value : JSON.stringify(value)
        })
    }

    private variable(name: string): unknown {
        if (!this.variables.has(name)) throw new Error(`nothing is kept as \`${name}\``)
        return this.variables.get(name)
    }

    private async newestEvent(): Promise<number> {
        const [row] = await this.demonstration.services.db.transaction((tx) =>
            tx.query<{ seq: number }>("select coalesce(max(seq), 0)::int as seq from events"),
        )
        return row?.seq ?? 0
    }
}

const firstName = (name: string): string => (name.split(" ")[0] ?? "").toLowerCase()

function keptAnswer(answer: LightMyRequestResponse): KeptAnswer {
    const headers = Object.entries(answer.headers).filter(([name]) => !randomHeaders.has(name))
    return { status: answer.statusCode, headers: JSON.stringify(headers), payload: answer.rawPayload }
}

function valueOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown
    } catch {
        return text
    }
}

function expectEqual(found: unknown, wanted: unknown, message = ""): void {
    expect(found, message).toEqual(wanted)
}

function expectComparison(found: unknown, operator: string, written: string): void {
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
