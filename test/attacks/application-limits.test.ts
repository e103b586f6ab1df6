/** Limits applications per hour and address, whatever the caller claims; other callers are not delayed. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { makeServer } from "../../server/src/server.ts"
import { type Program, createProgram } from "../support/program.ts"

const anHourMax = 20

let world: Program
let app: Awaited<ReturnType<typeof makeServer>>
let next: typeof app
let proxied: typeof app

const served = (trustedProxies: readonly string[] = []) => {
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000, trustedProxies }
    return makeServer({ services: { ...world.services, log: silentLog }, side: "portal", ...settings })
}
beforeAll(async () => {
    world = await createProgram()
    app = await served()
    next = await served()
    proxied = await served(["192.0.2.0/28"])
})
afterAll(async () => {
    for (const item of [app, next, proxied]) await item.close()
    await world.database.close()
})

const story = "Two engineers on call read it; one acts within the hour."
const form = {
    organisation: "Marrowfield",
    mail: "warnings@marrowfield.example",
    products: ["Gate"],
    regions: ["North"],
    contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" },
    productClasses: ["other"],
    inHouseProtection: story,
    workedExample: { cve: "CVE-2024-3400", text: story },
    dataUse: story,
    mailboxReaders: story,
    automation: "None.",
}

const send = async (remoteAddress: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await app.inject({ method: "POST", url: "/api/applications", payload: form, remoteAddress, headers })
    return answer.statusCode
}

test("an excess application is refused, also with invented credentials", async () => {
    for (let n = 0; n < anHourMax; n++) {
        expect(await send("203.0.113.7", n % 2 === 0 ? undefined : `${n}`.padStart(43, "x"))).toBe(200)
    }
    expect(await send("203.0.113.7")).toBe(429)
    expect(await send("203.0.113.7", "y".repeat(43))).toBe(429)
    expect(await send("203.0.113.8")).toBe(200)
    const read = await app.inject({ method: "GET", url: "/api/application-form", remoteAddress: "203.0.113.7" })
    expect(read.statusCode).toBe(200)
})

const sendBy = async (by: typeof app, remoteAddress: string, forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded }
    return await by.inject({ method: "POST", url: "/api/applications", payload: form, remoteAddress, headers })
}

test("all processes of a program share the limit, which says when to retry", async () => {
    for (let n = 0; n < anHourMax; n++) {
        expect((await sendBy(n % 2 === 0 ? app : next, "203.0.113.20")).statusCode).toBe(200)
    }
    for (const by of [app, next]) {
        const refused = await sendBy(by, "203.0.113.20")
        expect([refused.statusCode, refused.json()]).toMatchObject([429, { code: "request.too_many" }])
        expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0)
    }
})

test("behind a trusted proxy, the client's address counts, and not what the client claims", async () => {
    for (let n = 0; n < anHourMax; n++) {
        expect((await sendBy(proxied, "192.0.2.3", `10.0.0.${n}, 203.0.113.30`)).statusCode).toBe(200)
    }
    expect((await sendBy(proxied, "192.0.2.4", "203.0.113.30")).statusCode).toBe(429)
    expect((await sendBy(proxied, "192.0.2.4", "203.0.113.31")).statusCode).toBe(200)
})

test("an IPv6 network is one caller, with or without a port, and IPv4 written as IPv6 is IPv4", async () => {
    for (let n = 0; n < anHourMax; n++) {
        const client = n % 2 === 0 ? `2001:db8:7:7::${n}` : `[2001:db8:7:7:${n}::1]:${40_000 + n}`
        expect((await sendBy(proxied, "192.0.2.5", client)).statusCode).toBe(200)
    }
    expect(await send("2001:db8:7:7:ffff::1")).toBe(429)
    expect(await send("2001:db8:7:8::1")).toBe(200)
    for (let n = 0; n < anHourMax; n++) {
        expect((await sendBy(proxied, "::ffff:192.0.2.5", `203.0.113.60:${50_000 + n}, 192.0.2.6:80`)).statusCode).toBe(
            200,
        )
    }
    expect(await send("::ffff:203.0.113.60")).toBe(429)
})

test("other senders' claims about the caller are ignored", async () => {
    for (let n = 0; n < anHourMax; n++) {
        expect((await sendBy(n % 2 === 0 ? proxied : app, "203.0.113.40", `203.0.113.${100 + n}`)).statusCode).toBe(200)
    }
    for (const by of [proxied, app]) expect((await sendBy(by, "203.0.113.40", "203.0.113.99")).statusCode).toBe(429)
})
