/** From one address so many applications an hour, whoever it says it is; others are not held up. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { silentLog } from "../../src/platform/log.ts"
import { makeServer } from "../../src/server.ts"
import { type Program, program } from "../program.ts"

const anHourMax = 20

let its: Program
let app: Awaited<ReturnType<typeof makeServer>>
beforeAll(async () => {
    its = await program()
    const settings = { web: null, secureCookies: false, requestsPerMinuteMax: 100_000 }
    app = await makeServer({ doors: { ...its.doors, log: silentLog }, side: "portal", ...settings })
})
afterAll(async () => {
    await app.close()
    await its.database.close()
})

const story = "Two engineers on call read it; one acts within the hour."
const form = {
    ...{ organisation: "Marrowfield", mail: "warnings@marrowfield.example", products: ["Gate"], regions: ["North"] },
    ...{ contact: { name: "Ottilie Brandt", mail: "ottilie@marrowfield.example" }, productClasses: ["other"] },
    ...{ inHouseProtection: story, workedExample: { cve: "CVE-2024-3400", text: story } },
    ...{ dataUse: story, mailboxReaders: story, automation: "None." },
}

const send = async (remoteAddress: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await app.inject({ method: "POST", url: "/api/application", payload: form, remoteAddress, headers })
    return answer.statusCode
}

test("the one that is too many is refused, also under made-up credentials", async () => {
    for (let n = 0; n < anHourMax; n++) {
        expect(await send("203.0.113.7", n % 2 === 0 ? undefined : `${n}`.padStart(43, "x"))).toBe(200)
    }
    expect(await send("203.0.113.7")).toBe(429)
    expect(await send("203.0.113.7", "y".repeat(43))).toBe(429)
    expect(await send("203.0.113.8")).toBe(200)
    const read = await app.inject({ method: "GET", url: "/api/application", remoteAddress: "203.0.113.7" })
    expect(read.statusCode).toBe(200)
})
