/**
 * NUL, the one character that no database text can contain, in every place of an address and every field of query and
 * body, on both sides. It is a mistake of the caller, never a server failure.
 */
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Route, Side } from "../server/src/kernel/route.ts"
import { silentLog } from "../server/src/platform/log/log.ts"
import { allRoutes } from "../server/src/routes.ts"
import { makeServer } from "../server/src/server.ts"
import type { ActionContext } from "../server/src/kernel/action-context.ts"
import type { OperatorRole } from "../server/src/kernel/actor.ts"
import { issueCredential } from "../server/src/trust/identity/actions/sign-in.ts"
import { createStaffMember, system } from "./support/actors.ts"
import { type Program, newPartner, createProgram } from "./support/program.ts"

const sides = ["console", "portal"] as const
const nobody = "public"
let world: Program
const apps = new Map<Side, FastifyInstance>()
const tokens = new Map<string, string>()

beforeAll(async () => {
    world = await createProgram()
    const roles: OperatorRole[] = ["author", "manager", "investigator", "approver", "admin"]
    const { lead, analyst } = await newPartner(world, "validate")
    const askers = { console: await createStaffMember(world.acting, roles), lead, analyst }
    for (const [name, { person }] of Object.entries(askers)) {
        tokens.set(name, await world.acting(system, (ctx) => issueCredential(ctx, person, "token")))
    }
    for (const side of sides) {
        const services = { ...world.services, log: silentLog }
        const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 }
        apps.set(side, await makeServer({ services, side, ...settings }))
    }
}, 120_000)
afterAll(async () => {
    for (const app of apps.values()) await app.close()
    await world.database.close()
})

const nul = "a\u0000b"
const id = "3f0c9b4e-7a54-4c63-9f4d-0d2b6f0e1111"

interface Schema {
    readonly type?: string
    readonly const?: unknown
    readonly format?: string
    readonly pattern?: string
    readonly minLength?: number
    readonly minimum?: number
    readonly minItems?: number
    readonly anyOf?: readonly Schema[]
    readonly items?: Schema
    readonly properties?: Readonly<Record<string, Schema>>
}

/** Builds a value for a schema, with NUL in each free text. */
function filled(schema: Schema): unknown {
    if (schema.const !== undefined) return schema.const
    if (schema.anyOf) return filled(schema.anyOf.find(({ type, properties }) => type === "string" || properties) ?? {})
    if (schema.type === "array")
        return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => filled(schema.items ?? {}))
    if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 1
    if (schema.type === "boolean") return true
    if (schema.type === "string") return textOf(schema)
    const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, filled(field)])
    return fields.length === 0 ? { [nul]: nul } : Object.fromEntries(fields)
}

function textOf({ format, pattern, minLength = 1 }: Schema): string {
    if (format === "uuid") return id
    if (format === "date-time") return "2025-06-23T00:00:00Z"
    if (format === "email") return "a@b.example"
    const known = ["2025-06-23T00:00:00Z", "2025-06-23", "CVE-2025-10001", "A".repeat(43), "a", "0".repeat(64)]
    const fitting = known.find((item) => new RegExp(pattern ?? "^$", "u").test(item))
    return fitting ?? nul.padEnd(minLength, "x")
}

type Asked = readonly [name: string, side: Side, route: Route<ActionContext>]
const requests: Asked[] = allRoutes.flatMap((route) =>
    sides
        .filter((side) => route.side === side || route.side === "both")
        .map((side): Asked => [`${side} ${route.method} ${route.path}`, side, route]),
)

/** Builds one request per address parameter, per query field, and one for the body. */
function requestsOf(route: Route<ActionContext>): { readonly url: string; readonly payload?: string }[] {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const at = (bad: string | null) =>
        route.path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === bad ? encodeURIComponent(nul) : id))
    const questions = Object.keys((route.query as Schema | undefined)?.properties ?? {})
    return [
        ...names.map((name) => ({ url: at(name ?? null) })),
        ...questions.map((name) => ({ url: `${at(null)}?${name}=${encodeURIComponent(nul)}` })),
        { url: `${at(null)}?${encodeURIComponent(nul)}=${encodeURIComponent(nul)}` },
        ...(route.body ? [{ url: at(null), payload: JSON.stringify(filled(route.body as Schema)) }] : []),
    ]
}

async function answered(side: Side, route: Route<ActionContext>, person: string): Promise<string[]> {
    const token = tokens.get(person)
    const answers: string[] = []
    for (const { url, payload } of requestsOf(route)) {
        const type = url.startsWith("/taxii2/") ? "application/taxii+json;version=2.1" : "application/json"
        const answer = await apps.get(side)?.inject({
            method: route.method,
            url,
            headers: {
                ...(token !== undefined && { authorization: `Bearer ${token}` }),
                ...(payload !== undefined && { "content-type": type }),
            },
            ...(payload !== undefined && { payload }),
        })
        answers.push(`${answer?.statusCode} ${url} ${payload ?? ""}`)
    }
    return answers
}

describe("a NUL", () => {
    test.each(requests)("causes no server failure: %s", async (_, side, route) => {
        for (const person of side === "console" ? [nobody, "console"] : [nobody, "lead", "analyst"]) {
            const failed = (await answered(side, route, person)).filter((item) => item.startsWith("5"))
            expect({ who: person, failed }).toEqual({ who: person, failed: [] })
        }
    })

    test("in a public address gets the same bytes as a missing name", async () => {
        // SCIM is public for the guard only: its own secret comes first.
        const open = requests.filter(
            ([, side, { permission: needs, path }]) =>
                side === "portal" && needs === nobody && path.includes("{") && !path.startsWith("/scim/"),
        )
        expect(open.length).toBeGreaterThan(5)
        for (const [, side, { method, path }] of open) {
            const pick = async (name: string) => {
                const url = path.replaceAll(/\{\w+\}/g, encodeURIComponent(name))
                const { statusCode, headers, body } = (await apps.get(side)?.inject({ method, url })) ?? {}
                return { statusCode, headers: { ...headers, date: "" }, body }
            }
            expect({ path, answer: await pick(nul) }).toEqual({ path, answer: await pick("nothing-there") })
        }
    })
})
