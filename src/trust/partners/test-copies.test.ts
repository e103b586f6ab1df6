/** Test copies, and a way through a lost key, on a real database and with real age identities. */
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeOf, recorded } from "../../../test/acting.ts"
import {
    type Program,
    type TestPartner,
    fall,
    fetched,
    newArtifact,
    newCase,
    newPartner,
    program,
} from "../../../test/program.ts"
import { dayMs, parseInstant } from "../../lib/instant.ts"
import type { Actor } from "../audit/actor.ts"
import { addKey, allKeysOf, readinessOf, revokeKey } from "./actions/keys.ts"
import { proveKey, testCopy } from "./actions/test-copies.ts"
import { testCodeIn } from "../../lib/partner-api/test-copy.ts"

let its: Program
let partner: TestPartner
beforeAll(async () => {
    its = await program()
    partner = await newPartner(its, "validate")
})
afterAll(() => its.database.close())

const keysOf = (of = partner) => its.acting(of.lead, (act) => allKeysOf(act, of.id))
const copyOf = (key: string, who: Actor = partner.analyst) => its.acting(who, (act) => testCopy(act, key))
async function read(key: string, identity = partner.identity): Promise<string> {
    const age = new Decrypter()
    age.addIdentity(identity)
    return await age.decrypt((await copyOf(key)).bytes, "text")
}
const prove = (key: string, code: string, who: Actor = partner.analyst) =>
    codeOf(its.acting(who, (act) => proveKey(act, key, code)))
const readiness = async () =>
    (await its.acting(its.manager, (act) => readinessOf(act, [partner.id], its.clock.now))).get(partner.id)
const since = async (kind: RegExp) =>
    (await recorded(its.database)).filter((one) => kind.test(one.kind) && one.body["partner"] === partner.id)

describe("a test copy", () => {
    test("says that it is one, of no case, and by its code who opened it is known, once and on record", async () => {
        const [key] = await keysOf()
        expect([key?.testedAt, await readiness()]).toEqual([null, "untried"])
        const text = await read(key?.id ?? "")
        expect(text).toMatch(/^TEST COPY\. It is about no case/)
        const code = testCodeIn(text) ?? ""
        expect(testCodeIn(await read(key?.id ?? ""))).toBe(code)
        expect(await prove(key?.id ?? "", "AAAAA-AAAAA-AAAAA-AAAAA")).toBe("key.wrong_code")
        expect(await readiness()).toBe("untried")
        expect(await prove(key?.id ?? "", code.toLowerCase())).toBe("done")
        const testedAt = its.clock.now
        its.clock.now += 1
        expect(await prove(key?.id ?? "", code)).toBe("done")
        expect([(await keysOf())[0]?.testedAt, await readiness()]).toEqual([testedAt, "ready"])
        const kinds = (await since(/^key\.(test_sent|tested)/)).map(({ kind }) => kind)
        expect(kinds).toEqual(["key.test_sent", "key.test_sent", "key.tested"])
        expect(JSON.stringify(await recorded(its.database))).not.toContain(code)
    })

    test("is sealed to the one key that it is of, and its code is of no other", async () => {
        const other = await generateX25519Identity()
        const recipient = await identityToRecipient(other)
        const second = await its.acting(partner.lead, (act) => addKey(act, recipient))
        await expect(read(second.id)).rejects.toThrow(/no identity matched/)
        const code = testCodeIn(await read(second.id, other)) ?? ""
        const [first] = await keysOf()
        expect(await prove(first?.id ?? "", code)).toBe("key.wrong_code")
        expect(await prove(second.id, code)).toBe("done")
        expect(second.usableFrom).toBeGreaterThan(its.clock.now)
    })

    test("is of no other partner's key, and of none that is over", async () => {
        const other = await newPartner(its, "entry")
        const [theirs] = await keysOf(other)
        expect(await codeOf(copyOf(theirs?.id ?? ""))).toBe("key.not_found")
        expect(await prove(theirs?.id ?? "", "AAAAA-AAAAA-AAAAA-AAAAA")).toBe("key.not_found")
        const second = (await keysOf()).at(-1)
        await its.acting(partner.lead, (act) => revokeKey(act, second?.id ?? ""))
        expect(await codeOf(copyOf(second?.id ?? ""))).toBe("key.not_usable")
    })
})

test("a lost key: another is registered, tried while it waits, and what is fetched from its day on is sealed to it", async () => {
    const caseId = await newCase(its, "toolshell")
    const summary = await newArtifact(its, caseId, "summary", "toolshell/summary.md")
    its.clock.now = parseInstant("2025-06-24T17:00:00Z")
    await fall(its, caseId, "validate", [summary])
    const before = await fetched(its, partner, summary)
    const found = await generateX25519Identity()
    const recipient = await identityToRecipient(found)
    const added = await its.acting(partner.lead, (act) => addKey(act, recipient))
    const lost = (await keysOf()).find(({ revokedAt, id }) => revokedAt === null && id !== added.id)
    await its.acting(partner.lead, (act) => revokeKey(act, lost?.id ?? ""))
    expect(await prove(added.id, testCodeIn(await read(added.id, found)) ?? "")).toBe("done")
    its.clock.now += 1
    expect(await readiness()).toBe("no key")
    expect(await codeOf(fetched(its, { ...partner, identity: found }, summary))).toBe("delivery.no_key")
    its.clock.now += dayMs
    expect(await readiness()).toBe("ready")
    expect(await fetched(its, { ...partner, identity: found }, summary)).toBe(before)
    await expect(fetched(its, partner, summary)).rejects.toThrow(/no identity matched/)
})
