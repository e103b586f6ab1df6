/** A partner loses its key hours before a wave, over HTTP: two staff members accept its new key at once. */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Side } from "../server/src/kernel/route.ts"
import { parseTestCode } from "@tocsin/client/test-copy"
import { type Demonstration, type SeededMaster, copyDemonstration, seedMaster } from "./support/demonstration.ts"

const eveOfTheWave = parseInstant("2025-06-24T12:00:00Z")
const wave = parseInstant("2025-06-24T17:00:00Z")

let master: SeededMaster
let world: Demonstration
beforeAll(async () => {
    master = await seedMaster()
    world = await copyDemonstration(master)
    await world.moveTo(eveOfTheWave)
    await world.work()
}, 240_000)
afterAll(async () => {
    await world.close()
    await master.close()
})

const each = <T>(found: T | undefined): T => {
    if (found === undefined) throw new Error("there is none")
    return found
}
const partnerOf = (key = "halcyon") => each(world.seeded.partners.find(({ cast }) => cast.key === key))
const leadOf = (key = "halcyon") => each(partnerOf(key).people.find(({ roles }) => roles.includes("lead"))).token
const staff = (name: string) => each(world.seeded.operators.find((person) => person.name === name)).token

/** Returns the answer of portal or console, or the code of the refusal. */
async function asks(
    side: Side,
    token: string,
    [method, url]: readonly ["GET" | "POST" | "DELETE", string],
    payload?: object,
) {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await world.apps[side].inject({ method, url, headers, ...(payload && { payload }) })
    const isJson = String(answer.headers["content-type"]).includes("json")
    const body = isJson ? answer.json<Record<string, unknown>>() : {}
    return { status: answer.statusCode, body, code: body["code"] ?? "done", bytes: new Uint8Array(answer.rawPayload) }
}
const portal = (line: readonly ["GET" | "POST" | "DELETE", string], payload?: object) =>
    asks("portal", leadOf(), line, payload)
const manager = (line: readonly ["GET" | "POST", string], payload?: object) =>
    asks("console", staff("Ingrid Solheim"), line, payload)
const accepting = (key: string, partner = partnerOf().id) => `/api/partners/${partner}/keys/${key}/accept`
const atOnce = { atOnce: true }

async function opened(bytes: Uint8Array, identity: string): Promise<string> {
    const age = new Decrypter()
    age.addIdentity(identity)
    return await age.decrypt(bytes, "text")
}
async function newKey(): Promise<{ readonly id: string; readonly identity: string; readonly recipient: string }> {
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    const { body } = await portal(["POST", "/api/keys"], { recipient })
    return { id: String(body["id"]), identity, recipient }
}
async function attempts(key: { readonly id: string; readonly identity: string }): Promise<void> {
    const copy = await portal(["GET", `/api/keys/${key.id}/test`])
    const code = parseTestCode(await opened(copy.bytes, key.identity))
    expect(await portal(["POST", `/api/keys/${key.id}/test`], { code })).toMatchObject({ code: "done" })
}
async function signs(name: string, approval: unknown) {
    const token = staff(name)
    const { body } = await asks("console", token, ["GET", "/api/approvals"])
    const pending = body["pending"] as readonly { id: string; effectsHash: string; effects: { detail: object } }[]
    const { effectsHash, effects } = each(pending.find(({ id }) => id === approval))
    const signed = await asks("console", token, ["POST", `/api/approvals/${String(approval)}/sign`], {
        effectsHash,
    })
    return { effects, code: signed.code }
}
const keys = async () =>
    (await portal(["GET", "/api/keys"])).body["keys"] as readonly { id: string; usableFrom: string | null }[]
async function technical() {
    const { body } = await portal(["GET", "/api/warnings"])
    const [warning] = body["warnings"] as readonly { artifacts: readonly { id: string; class: string }[] }[]
    const { id } = each(warning?.artifacts.find((artifact) => artifact.class === "technical"))
    return await portal(["GET", `/api/artifacts/${id}/copy`])
}

describe("a partner that lost its key before a wave", () => {
    let old: string
    let found: Awaited<ReturnType<typeof newKey>>
    beforeAll(async () => {
        old = each((await keys())[0]).id
        found = await newKey()
    })

    test("is not accepted at once if it has another key, or has not tested the new one", async () => {
        expect((await manager(["POST", accepting(found.id)], atOnce)).code).toBe("key.other_key_usable")
        await world.work()
        const before = world.mails.length
        expect((await portal(["DELETE", `/api/keys/${old}`])).code).toBe("done")
        await world.work()
        const notified = world.mails.slice(before).map(({ to }) => to)
        for (const { mail } of partnerOf().cast.people) expect(notified).toContain(mail)
        expect((await manager(["POST", accepting(found.id)], atOnce)).code).toBe("key.not_tested")
        expect((await manager(["POST", accepting(old)], atOnce)).code).toBe("key.not_usable")
        expect((await manager(["POST", accepting(found.id, partnerOf("copperline").id)], atOnce)).code).toBe(
            "key.not_found",
        )
    })

    test("D-09 gets an acceptance by two staff members, not by one, and not by its own people", async () => {
        await attempts(found)
        for (const name of ["Kofi Boateng", "Tomas Ferreira", "Daria Voss"]) {
            expect((await asks("console", staff(name), ["POST", accepting(found.id)], atOnce)).code).toMatch(
                /^request\./,
            )
        }
        expect((await portal(["POST", accepting(found.id)], atOnce)).status).toBe(404)
        const request = await manager(["POST", accepting(found.id)], atOnce)
        expect(request.body).toMatchObject({ done: false })
        const { approval } = request.body
        expect((await manager(["POST", accepting(found.id)], { approval, ...atOnce })).code).toBe("approval.not_signed")
        const signed = await signs("Kofi Boateng", approval)
        expect(signed).toMatchObject({
            code: "done",
            effects: { detail: { key: found.id, recipient: found.recipient } },
        })
        const before = world.mails.length
        expect((await manager(["POST", accepting(found.id)], { approval, ...atOnce })).body).toMatchObject({
            done: true,
        })
        await world.work()
        const notified = world.mails.slice(before).map(({ to }) => to)
        for (const { mail } of partnerOf().cast.people) expect(notified).toContain(mail)
        expect(each((await keys()).find(({ id }) => id === found.id))).toMatchObject({
            usableFrom: "2025-06-24T12:00:00Z",
            acceptedAt: "2025-06-24T12:00:00Z",
        })
        expect((await manager(["POST", accepting(found.id)], atOnce)).code).toBe("key.already_usable")
    })

    test("reads the wave at once with its new key", async () => {
        await world.moveTo(wave)
        await world.work()
        const copy = await technical()
        expect(copy.status).toBe(200)
        expect(await opened(copy.bytes, found.identity)).toContain("SharePoint")
        await expect(opened(copy.bytes, partnerOf().identity)).rejects.toThrow(/no identity matched/)
    })
})
