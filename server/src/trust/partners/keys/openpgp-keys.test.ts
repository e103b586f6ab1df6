/** OpenPGP certificates as keys for copies, on a real database: their ends, limits, acceptance and sealed bytes. */
import { createHash } from "node:crypto"
import { generateKey } from "openpgp"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { awaitRefusalCode } from "../../../../../test/support/actors.ts"
import { openOpenPgp, testCertificate, testRecipient } from "../../../../../test/support/doubles/openpgp.ts"
import {
    type Program,
    type TestPartner,
    createProgram,
    newArtifact,
    newCase,
    newPartner,
    releaseWaveNow,
} from "../../../../../test/support/program.ts"
import { fetchCopies, fetchCopy } from "../../../share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../../share/delivery/actions/resolve-alias.ts"
import { rehearseDummyWave } from "../../../share/delivery/actions/rehearse-wave.ts"
import { storeAcceptance } from "../../../../../test/support/doubles/keys.ts"
import { acceptanceEffects } from "../approval-effects.ts"
import { addKey, listKeys, listRecipients, revokeKey } from "./actions/manage-keys.ts"
import { createTestCopy } from "./actions/send-test-copy.ts"

let world: Program
beforeAll(async () => {
    world = await createProgram()
})
afterAll(() => world.database.close())

const add = (partner: TestPartner, text: string, end: number | null = null) =>
    world.acting(partner.lead, (ctx) => addKey(ctx, text, end))
const keysOf = (partner: TestPartner) => world.acting(partner.lead, (ctx) => listKeys(ctx, partner.id))

/** A certificate that ends after some days. */
async function certificate(days: number): Promise<string> {
    const { publicKey } = await generateKey({
        type: "ecc",
        curve: "ed25519Legacy",
        userIDs: [{ name: "PSIRT" }],
        date: new Date(world.clock.now),
        keyExpirationTime: (days * dayMs) / 1000,
        format: "object",
    })
    return publicKey.armor()
}

/** A partner whose only key is the OpenPGP one of tests. */
async function newOpenPgpPartner(): Promise<TestPartner> {
    const partner = await newPartner(world, "validate")
    const [old] = await keysOf(partner)
    const added = await add(partner, await testCertificate())
    await world.acting(world.manager, (ctx) => storeAcceptance(ctx, added))
    await world.acting(partner.lead, (ctx) => revokeKey(ctx, old?.id ?? ""))
    world.clock.now += dayMs
    return partner
}

describe("the end of the key", () => {
    test("is the certificate's, the program's or the requested one, whichever comes first", async () => {
        const partner = await newPartner(world, "entry")
        const latest = (await keysOf(partner))[0]?.expiresAt ?? 0
        // Certificates count whole seconds.
        const now = Math.floor(world.clock.now / 1000) * 1000
        const short = await add(partner, await certificate(30))
        expect(short.expiresAt).toBe(now + 30 * dayMs)
        const long = await add(partner, await testCertificate())
        expect(long.expiresAt).toBeGreaterThanOrEqual(latest)
        const requested = await add(partner, await certificate(30), now + 10 * dayMs)
        expect(requested.expiresAt).toBe(now + 10 * dayMs)
        expect(await awaitRefusalCode(add(partner, await certificate(60)))).toBe("key.too_many")
    })

    test("is refused if the certificate ends before it could be used", async () => {
        const partner = await newPartner(world, "entry")
        expect(await awaitRefusalCode(add(partner, await certificate(1)))).toBe("key.bad_end")
    })
})

test("staff who accept it sign both fingerprints, and the certificate is encrypted in its row", async () => {
    const partner = await newPartner(world, "entry")
    const key = await add(partner, await testCertificate())
    expect(key).toMatchObject({ recipient: testRecipient, usableFrom: null })
    expect(acceptanceEffects(key, false).detail).toMatchObject({ recipient: testRecipient })
    const rows = await world.services.db.transaction((tx) =>
        tx.query<{ bytes: Buffer }>("select certificate_ciphertext as bytes from partner_keys where id = $1", [key.id]),
    )
    expect(rows[0]?.bytes.length).toBeGreaterThan(300)
    expect(rows[0]?.bytes.toString("latin1")).not.toMatch(/PGP|PSIRT/)
    const { name, bytes } = await world.acting(partner.analyst, (ctx) => createTestCopy(ctx, key.id))
    expect(name).toBe("test-copy.txt.pgp")
    expect(await openOpenPgp(bytes)).toMatch(/^TEST COPY/)
})

describe("a copy for a partner with an OpenPGP key only", () => {
    let partner: TestPartner
    let [summary, alias] = ["", ""]
    beforeAll(async () => {
        partner = await newOpenPgpPartner()
        world.clock.now = parseInstant("2025-06-24T17:00:00Z")
        const caseId = await newCase(world, "toolshell")
        summary = await newArtifact(world, caseId, "summary", "toolshell/summary.md")
        await releaseWaveNow(world, caseId, "validate", [summary])
        alias = aliasFor(world.services.keys, partner.id, "artifact", summary)
    })
    const queuedReceipts = () =>
        world.services.db.transaction((tx) =>
            tx.query<{ body: string }>("select body::text as body from receipts where partner_id = $1", [partner.id]),
        )

    test("is named by its receipt's hash of the sealed bytes, each time another", async () => {
        const fetch = () => world.acting(partner.analyst, (ctx) => fetchCopy(ctx, alias))
        const [first, second] = [await fetch(), await fetch()]
        expect(first.name).toMatch(/\.md\.pgp$/)
        expect(await openOpenPgp(first.bytes)).toBe(await openOpenPgp(second.bytes))
        expect(first.bytes).toHaveLength(second.bytes.length)
        const bodies = (await queuedReceipts()).map(({ body }) => body).join()
        for (const { bytes } of [first, second]) {
            expect(bodies).toContain(createHash("sha256").update(bytes).digest("hex"))
        }
    })

    test("is handed out with copies for others in one transaction, each in its format", async () => {
        const other = await newPartner(world, "validate")
        const answers = await world.acting(partner.analyst, async (ctx) => {
            const otherAlias = aliasFor(world.services.keys, other.id, "artifact", summary)
            return await fetchCopies([
                { ...ctx, params: { id: alias }, query: {} },
                { ...ctx, actor: other.analyst, params: { id: otherAlias }, query: {} },
                { ...ctx, params: { id: alias }, query: { sealed: "age" } },
            ])
        })
        expect(answers.map((answer) => answer?.name.slice(-4) ?? null)).toEqual([".pgp", ".age", null])
    })

    test("is rehearsed like any other", async () => {
        const { obstacles } = await world.acting(world.manager, (ctx) => rehearseDummyWave(ctx, "validate"))
        expect(obstacles.filter((obstacle) => obstacle.partner === partner.id)).toEqual([])
    })

    test("is not sealed to a certificate that has ended", async () => {
        expect(await world.acting(partner.lead, (ctx) => listRecipients(ctx, partner.id, ctx.now))).toEqual([
            testRecipient,
        ])
        const short = await add(partner, await certificate(3))
        await world.acting(world.manager, (ctx) => storeAcceptance(ctx, short))
        world.clock.now += 3 * dayMs
        expect(await world.acting(partner.lead, (ctx) => listRecipients(ctx, partner.id, ctx.now))).toEqual([
            testRecipient,
        ])
    })
})
