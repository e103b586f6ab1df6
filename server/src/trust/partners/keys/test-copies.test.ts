/** Test copies, and a way through a lost key, on a real database and with real age identities. */
import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { awaitRefusalCode, listEvents } from "../../../../../test/support/actors.ts"
import {
    type Program,
    type TestPartner,
    releaseWaveNow,
    fetchCopyText,
    newArtifact,
    newCase,
    newPartner,
    createProgram,
} from "../../../../../test/support/program.ts"
import { confirmKey, storeAcceptance } from "../../../../../test/support/doubles/keys.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { Actor } from "../../../kernel/actor.ts"
import { addKey, listKeys, loadReadiness, revokeKey } from "./actions/manage-keys.ts"
import { verifyTestCode, createTestCopy } from "./actions/send-test-copy.ts"
import { createConfirmationCopy, confirmKey as confirmByCode } from "./actions/confirm-key.ts"
import { parseConfirmationCode } from "@tocsin/client/confirmation-copy"
import { parseTestCode } from "@tocsin/client/test-copy"

let world: Program
let partner: TestPartner
beforeAll(async () => {
    world = await createProgram()
    partner = await newPartner(world, "validate")
})
afterAll(() => world.database.close())

const keysOf = (subject = partner) => world.acting(subject.lead, (ctx) => listKeys(ctx, subject.id))
const copyOf = (key: string, actor: Actor = partner.analyst) => world.acting(actor, (ctx) => createTestCopy(ctx, key))
async function read(key: string, identity = partner.identity): Promise<string> {
    const age = new Decrypter()
    age.addIdentity(identity)
    return await age.decrypt((await copyOf(key)).bytes, "text")
}
const enterCode = (key: string, code: string, actor: Actor = partner.analyst) =>
    awaitRefusalCode(world.acting(actor, (ctx) => verifyTestCode(ctx, key, code)))
const readiness = async () =>
    (await world.acting(world.manager, (ctx) => loadReadiness(ctx, [partner.id], world.clock.now))).get(partner.id)
const eventsOfPartner = async (kind: RegExp) =>
    (await listEvents(world.database)).filter((item) => kind.test(item.kind) && item.body["partner"] === partner.id)

describe("a test copy", () => {
    test("says that it is a test, and its code records once who opened it", async () => {
        const [key] = await keysOf()
        expect([key?.testedAt, await readiness()]).toEqual([null, "untested"])
        const text = await read(key?.id ?? "")
        expect(text).toMatch(/^TEST COPY\. It is about no case/)
        const code = parseTestCode(text) ?? ""
        expect(parseTestCode(await read(key?.id ?? ""))).toBe(code)
        expect(await enterCode(key?.id ?? "", "AAAAA-AAAAA-AAAAA-AAAAA")).toBe("key.wrong_code")
        expect(await readiness()).toBe("untested")
        expect(await enterCode(key?.id ?? "", code.toLowerCase())).toBe("done")
        const testedAt = world.clock.now
        world.clock.now += 1
        expect(await enterCode(key?.id ?? "", code)).toBe("done")
        expect([(await keysOf())[0]?.testedAt, await readiness()]).toEqual([testedAt, "ready"])
        const kinds = (await eventsOfPartner(/^key\.(test_sent|tested)/)).map(({ kind }) => kind)
        expect(kinds).toEqual(["key.test_sent", "key.test_sent", "key.tested"])
        expect(JSON.stringify(await listEvents(world.database))).not.toContain(code)
    })

    test("is sealed to its key only, and its code fits no other key", async () => {
        const other = await generateX25519Identity()
        const recipient = await identityToRecipient(other)
        const second = await world.acting(partner.lead, (ctx) => addKey(ctx, recipient))
        await expect(read(second.id)).rejects.toThrow(/no identity matched/)
        const code = parseTestCode(await read(second.id, other)) ?? ""
        const [first] = await keysOf()
        expect(await enterCode(first?.id ?? "", code)).toBe("key.wrong_code")
        expect(await enterCode(second.id, code)).toBe("done")
        expect(second.usableFrom).toBe(null)
    })

    test("is not available for another partner's key, or for an expired or revoked one", async () => {
        const other = await newPartner(world, "entry")
        const [partnerKey] = await keysOf(other)
        expect(await awaitRefusalCode(copyOf(partnerKey?.id ?? ""))).toBe("key.not_found")
        expect(await enterCode(partnerKey?.id ?? "", "AAAAA-AAAAA-AAAAA-AAAAA")).toBe("key.not_found")
        const second = (await keysOf()).at(-1)
        await world.acting(partner.lead, (ctx) => revokeKey(ctx, second?.id ?? ""))
        expect(await awaitRefusalCode(copyOf(second?.id ?? ""))).toBe("key.not_usable")
    })
})

describe("a confirmation copy", () => {
    const confirm = (key: string, by: string | null, code: string, actor: Actor = partner.lead) =>
        awaitRefusalCode(world.acting(actor, (ctx) => confirmByCode(ctx, { key, by }, code)))
    const confirmationCopy = (key: string, by: string | null, actor: Actor = partner.lead) =>
        awaitRefusalCode(world.acting(actor, (ctx) => createConfirmationCopy(ctx, { key, by })))
    const newKey = async (of = partner) => {
        const identity = await generateX25519Identity()
        const recipient = await identityToRecipient(identity)
        return { identity, key: await world.acting(of.lead, (ctx) => addKey(ctx, recipient)) }
    }

    test("names the new recipient, opens with the old key only, and makes the new one usable", async () => {
        const reader = await newPartner(world, "entry")
        const [first] = await keysOf(reader)
        const { key, identity } = await newKey(reader)
        const ids = { key: key.id, by: null }
        const { bytes } = await world.acting(reader.lead, (ctx) => createConfirmationCopy(ctx, ids))
        const age = new Decrypter()
        age.addIdentity(identity)
        await expect(age.decrypt(bytes, "text")).rejects.toThrow(/no identity matched/)
        age.addIdentity(reader.identity)
        const text = await age.decrypt(bytes, "text")
        expect(text).toMatch(/^CONFIRMATION COPY for A partner of entry\./)
        const code = parseConfirmationCode(text, key.recipient) ?? ""
        expect(parseConfirmationCode(text, first?.recipient ?? "")).toBeNull()
        expect(await confirm(key.id, first?.id ?? "", "AAAAA-AAAAA-AAAAA-AAAAA", reader.lead)).toBe(
            "key.wrong_confirmation_code",
        )
        expect(await confirm(key.id, first?.id ?? "", code, reader.analyst)).toBe("partner.leads_only")
        expect(await confirm(key.id, first?.id ?? "", code.toLowerCase(), reader.lead)).toBe("done")
        const [, second] = (await keysOf(reader)).toSorted((a) => (a.id === first?.id ? -1 : 1))
        expect(second).toMatchObject({ usableFrom: world.clock.now, confirmedBy: first?.id, acceptedAt: null })
        expect(await confirm(key.id, null, code, reader.lead)).toBe("key.already_usable")
        const events = (await listEvents(world.database)).filter(({ body }) => body["partner"] === reader.id)
        expect(events.at(-1)).toMatchObject({
            kind: "key.confirmed",
            body: { key: key.id, confirmedBy: first?.id },
        })
        expect(JSON.stringify(events)).not.toContain(code)
    })

    test("of any usable key confirms where the key is not named", async () => {
        const reader = await newPartner(world, "entry")
        const [first] = await keysOf(reader)
        const [two, three] = [await newKey(reader), await newKey(reader)]
        const older = { id: first?.id ?? "", identity: reader.identity }
        await confirmKey(world.acting, reader.lead, two.key, older)
        const { bytes } = await world.acting(reader.lead, (ctx) =>
            createConfirmationCopy(ctx, { key: three.key.id, by: two.key.id }),
        )
        const age = new Decrypter()
        age.addIdentity(two.identity)
        const code = parseConfirmationCode(await age.decrypt(bytes, "text"), three.key.recipient) ?? ""
        expect(await confirm(three.key.id, first?.id ?? "", code, reader.lead)).toBe("key.wrong_confirmation_code")
        expect(await confirm(three.key.id, null, code, reader.lead)).toBe("done")
        const [confirmed] = (await keysOf(reader)).filter(({ id }) => id === three.key.id)
        expect(confirmed?.confirmedBy).toBe(two.key.id)
    })

    test("has a code for one pair of keys only, and none for a key that is not usable", async () => {
        const reader = await newPartner(world, "entry")
        const stranger = await newPartner(world, "entry")
        const [first, foreign] = [(await keysOf(reader))[0]?.id ?? "", (await keysOf(stranger))[0]?.id ?? ""]
        const [one, two] = [await newKey(reader), await newKey(reader)]
        const { bytes } = await world.acting(reader.lead, (ctx) =>
            createConfirmationCopy(ctx, { key: one.key.id, by: first }),
        )
        const age = new Decrypter()
        age.addIdentity(reader.identity)
        const code = parseConfirmationCode(await age.decrypt(bytes, "text"), one.key.recipient) ?? ""
        expect(await confirm(two.key.id, first, code, reader.lead)).toBe("key.wrong_confirmation_code")
        const test = await world.acting(reader.lead, (ctx) => createTestCopy(ctx, first))
        const testCode = parseTestCode(await age.decrypt(test.bytes, "text")) ?? ""
        expect(await confirm(one.key.id, first, testCode, reader.lead)).toBe("key.wrong_confirmation_code")
        for (const by of [one.key.id, two.key.id]) {
            expect(await confirmationCopy(one.key.id, by, reader.lead)).toBe("key.cannot_confirm")
            expect(await confirm(one.key.id, by, code, reader.lead)).toBe("key.cannot_confirm")
        }
        for (const by of [foreign, world.services.newId()]) {
            expect(await confirmationCopy(one.key.id, by, reader.lead)).toBe("key.not_found")
            expect(await confirmationCopy(by, first, reader.lead)).toBe("key.not_found")
            expect(await confirm(one.key.id, by, code, reader.lead)).toBe("key.not_found")
        }
        await world.acting(reader.lead, (ctx) => revokeKey(ctx, first))
        world.clock.now += 1
        expect(await confirm(one.key.id, first, code, reader.lead)).toBe("key.cannot_confirm")
        expect(await confirm(one.key.id, null, code, reader.lead)).toBe("key.cannot_confirm")
    })
})

test("after a lost key, the new one is tested while it waits, and copies use it once staff accepted it", async () => {
    const caseId = await newCase(world, "toolshell")
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    world.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await releaseWaveNow(world, caseId, "validate", [summary])
    const before = await fetchCopyText(world, partner, summary)
    const found = await generateX25519Identity()
    const recipient = await identityToRecipient(found)
    const added = await world.acting(partner.lead, (ctx) => addKey(ctx, recipient))
    const lost = (await keysOf()).find(({ revokedAt, id }) => revokedAt === null && id !== added.id)
    await world.acting(partner.lead, (ctx) => revokeKey(ctx, lost?.id ?? ""))
    expect(await enterCode(added.id, parseTestCode(await read(added.id, found)) ?? "")).toBe("done")
    world.clock.now += 1
    expect(await readiness()).toBe("no_key")
    expect(await awaitRefusalCode(fetchCopyText(world, { ...partner, identity: found }, summary))).toBe(
        "delivery.no_key",
    )
    world.clock.now += dayMs
    expect(await readiness()).toBe("no_key")
    await world.acting(world.manager, (ctx) => storeAcceptance(ctx, added))
    expect(await readiness()).toBe("ready")
    expect(await fetchCopyText(world, { ...partner, identity: found }, summary)).toBe(before)
    await expect(fetchCopyText(world, partner, summary)).rejects.toThrow(/no identity matched/)
})

test("a partner changes to a hybrid key: each of both opens a copy, and then the new one alone", async () => {
    const reader = await newPartner(world, "validate")
    const caseId = await newCase(world, "toolshell")
    const summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
    await releaseWaveNow(world, caseId, "validate", [summary])
    const identity = await generateHybridIdentity()
    const recipient = await identityToRecipient(identity)
    const added = await world.acting(reader.lead, (ctx) => addKey(ctx, recipient))
    const hybrid = { ...reader, identity }
    const test = await world.acting(reader.analyst, (ctx) => createTestCopy(ctx, added.id))
    const age = new Decrypter()
    age.addIdentity(identity)
    expect(parseTestCode(await age.decrypt(test.bytes, "text"))).not.toBeNull()
    await expect(fetchCopyText(world, hybrid, summary)).rejects.toThrow(/no identity matched/)
    const [first] = await keysOf(reader)
    await confirmKey(world.acting, reader.lead, added, { id: first?.id ?? "", identity: reader.identity })
    const text = await fetchCopyText(world, reader, summary)
    expect(await fetchCopyText(world, hybrid, summary)).toBe(text)
    await world.acting(reader.lead, (ctx) => revokeKey(ctx, first?.id ?? ""))
    world.clock.now += 1
    expect(await fetchCopyText(world, hybrid, summary)).toBe(text)
    await expect(fetchCopyText(world, reader, summary)).rejects.toThrow(/no identity matched/)
})
