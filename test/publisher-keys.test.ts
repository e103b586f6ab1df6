/**
 * The key that signs advisories is replaced: what readers verify before, during and after, with GnuPG where it is
 * installed.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { createMessage, readKey, readSignature, verify } from "openpgp"
import { afterEach, describe, expect, test } from "vitest"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import { eventHandlers } from "../server/src/event-handlers.ts"
import { memoryHighWater } from "../server/src/kernel/high-water.ts"
import type { Services } from "../server/src/kernel/services.ts"
import { handleNextEvent } from "../server/src/kernel/worker.ts"
import { endEmbargo } from "../server/src/share/cases/actions/negotiate-embargo.ts"
import { signDocuments } from "../server/src/share/publication/actions/sign-documents.ts"
import { listServerKeys } from "../server/src/trace/installation/actions/list-server-keys.ts"
import { guardDatabase } from "../server/src/trust/continuity/actions/guard-database.ts"
import { findOpenQuarantine } from "../server/src/trust/continuity/actions/reconcile-database.ts"
import { createPublisherKey } from "../server/src/trust/publisher-keys/actions/publisher-key.ts"
import { type Replaced, replacePublisherKey } from "../server/src/trust/publisher-keys/actions/replace-publisher-key.ts"
import { awaitRefusalCode, listEvents, system } from "./support/actors.ts"
import { createDatabase } from "./support/database.ts"
import { type Portal, openPortal, programOverCopy } from "./support/polled-pages.ts"
import { type Program, createProgram, newCase } from "./support/program.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")
const hasGnuPg = spawnSync("gpg", ["--version"]).status === 0

const closings: (() => unknown)[] = []
afterEach(async () => {
    for (const close of closings.splice(0).toReversed()) await close()
})

/** A program with a published case, and one that `publishNext` publishes. */
async function openPublished() {
    const world = await createProgram()
    closings.push(async () => {
        await world.database.db.close().catch(() => undefined)
        await world.database.drop()
    })
    await world.acting(system, createPublisherKey)
    const [first, second] = [await newCase(world, "toolshell"), await newCase(world, "bypass")]
    world.clock.now = publication
    await publish(world, first)
    const portal = await openPortal(world)
    closings.push(() => portal.app.close())
    return { world, portal, publishNext: () => publish(world, second) }
}

async function publish(world: Program, subject: string): Promise<void> {
    await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
    while (await handleNextEvent(world.services, eventHandlers));
}

async function replace(world: Program, revokes = false): Promise<Replaced> {
    world.clock.now += dayMs
    return (await world.acting(system, (ctx) => replacePublisherKey(ctx, revokes))) ?? expect.unreachable()
}

async function signAll(world: Program): Promise<void> {
    while (await world.acting(system, signDocuments));
}

async function read(portal: Portal, url: string) {
    const { statusCode, body, headers } = await portal.app.inject({ method: "GET", url })
    expect([url, statusCode]).toEqual([url, 200])
    return { body, at: Date.parse(String(headers["last-modified"])) }
}

interface Metadata {
    readonly public_openpgp_keys: readonly { readonly fingerprint: string; readonly url: string }[]
    readonly last_updated: string
}

const readMetadata = async (portal: Portal): Promise<Metadata> =>
    JSON.parse((await read(portal, "/.well-known/csaf/provider-metadata.json")).body)

const listedIn = async (portal: Portal) =>
    (await readMetadata(portal)).public_openpgp_keys.map(({ fingerprint }) => fingerprint)

const addressOf = (fingerprint: string) => `/csaf/openpgp/${fingerprint}.asc`

/** Reads each document with its signature. */
async function readDocuments(portal: Portal) {
    const index = (await read(portal, "/csaf/white/index.txt")).body
    const files = index.split("\n").slice(0, -1)
    const paths = files.flatMap((file) => [`/csaf/white/${file}`, `/csaf/v2.1/clear/${file}`])
    return await Promise.all(
        paths.map(async (name) => ({
            text: (await read(portal, name)).body,
            signature: (await read(portal, `${name}.asc`)).body,
        })),
    )
}

/** Returns the fingerprints of the keys that signed, each verified with the key at its address. */
async function signersOf(portal: Portal, now: number): Promise<string[]> {
    const { public_openpgp_keys: listed } = await readMetadata(portal)
    const urls = listed.map(({ url }) => new URL(url).pathname)
    const keys = await Promise.all(urls.map(async (url) => readKey({ armoredKey: (await read(portal, url)).body })))
    const signers: string[] = []
    for (const { text, signature } of await readDocuments(portal)) {
        const { signatures } = await verify({
            message: await createMessage({ binary: Buffer.from(text) }),
            signature: await readSignature({ armoredSignature: signature }),
            verificationKeys: keys,
            date: new Date(now),
        })
        await signatures[0]?.verified
        const key = keys.find((one) => signatures[0]?.keyID.equals(one.getKeyID()))
        signers.push(key?.getFingerprint().toUpperCase() ?? "")
    }
    return [...new Set(signers)]
}

/** A reader with GnuPG, and the keys that it imported. */
function openReader(portal: Portal) {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "gpg-"))
    closings.push(() => {
        spawnSync("gpgconf", ["--homedir", home, "--kill", "all"])
        fs.rmSync(home, { recursive: true, force: true })
    })
    const gpg = (args: readonly string[], input = "") =>
        spawnSync("gpg", ["--homedir", home, "--batch", "--status-fd", "1", ...args], { encoding: "utf8", input })
    const importFrom = async (url: string) => {
        expect(gpg(["--import"], (await read(portal, url)).body).stdout).toContain("IMPORT_OK")
    }
    return {
        importFrom,
        importListed: async () => {
            for (const { url } of (await readMetadata(portal)).public_openpgp_keys)
                await importFrom(new URL(url).pathname)
        },
        /** The verdicts on all documents. */
        verdicts: async () => {
            const found: string[] = []
            for (const { text, signature } of await readDocuments(portal)) {
                const file = path.join(home, "signature")
                fs.writeFileSync(file, signature)
                const { stdout } = gpg(["--verify", file, "-"], text)
                const [, verdict = ""] = /^\[GNUPG:\] (GOODSIG|REVKEYSIG|ERRSIG|BADSIG) /m.exec(stdout) ?? []
                const [, by = ""] = /VALIDSIG (\w+)/.exec(stdout) ?? []
                found.push(`${verdict} ${by}`.trim())
            }
            return [...new Set(found)]
        },
        /** The signatures on a key's name, and its revocation: its own and those by other keys. */
        signaturesOn: (fingerprint: string) =>
            [...gpg(["--with-colons", "--check-sigs", fingerprint]).stdout.matchAll(/^(?:sig|rev):.*$/gm)].map(
                ([line]) => {
                    const [kind = "", verdict = "", , , keyId = ""] = line.split(":")
                    return `${kind} ${verdict} ${keyId}`
                },
            ),
    }
}

const idOf = (fingerprint: string) => fingerprint.slice(-16)

test("a replaced key stays listed, and the new one signs all documents after the job", async () => {
    const { world, portal, publishNext } = await openPublished()
    const [first = ""] = await listedIn(portal)
    const old = await readDocuments(portal)
    const file = "/csaf/white/2025/nl-2025-0001.json"
    const before = await read(portal, `${file}.asc`)
    const lists = () =>
        Promise.all(["index.txt", "changes.csv", "feed-white.json"].map((name) => read(portal, `/csaf/white/${name}`)))
    const listsBefore = await lists()

    const { key, former } = await replace(world)
    expect(former.fingerprint).toBe(first)
    expect(await listedIn(portal)).toEqual([key.fingerprint, first])
    const replacedAt = world.clock.now
    expect(Date.parse((await readMetadata(portal)).last_updated)).toBe(replacedAt)
    expect((await read(portal, "/csaf/openpgp.asc")).body).toBe((await read(portal, addressOf(key.fingerprint))).body)
    expect(await signersOf(portal, world.clock.now)).toEqual([first])

    await signAll(world)
    expect(await signersOf(portal, world.clock.now)).toEqual([key.fingerprint])
    expect((await readDocuments(portal)).map(({ text }) => text)).toEqual(old.map(({ text }) => text))
    expect(await lists()).toEqual(listsBefore)
    const after = await read(portal, `${file}.asc`)
    expect([before.at, after.at]).toEqual([publication, replacedAt])
    expect((await read(portal, file)).at).toBe(publication)

    await publishNext()
    expect(await signersOf(portal, world.clock.now)).toEqual([key.fingerprint])
    const events = (await listEvents(world.database)).filter(({ kind }) => kind.startsWith("publisher."))
    expect(events.map(({ kind }) => kind)).toEqual(["publisher.key_created", "publisher.key_replaced"])
    expect(events[1]?.body).toMatchObject({ fingerprint: key.fingerprint, former: first })

    const shown = async () =>
        (await world.acting(system, listServerKeys)).filter(({ purpose }) => purpose === "advisories")
    expect((await shown()).map(({ fingerprint }) => fingerprint)).toEqual([first, key.fingerprint])
    world.clock.now = replacedAt + 90 * dayMs
    expect(await listedIn(portal)).toEqual([key.fingerprint])
    expect(Date.parse((await readMetadata(portal)).last_updated)).toBe(world.clock.now)
    expect(await shown()).toHaveLength(1)
    expect((await read(portal, addressOf(first))).body).toContain("BEGIN PGP PUBLIC KEY BLOCK")
    expect(portal.faults).toEqual([])
})

test("only addresses of known keys exist", async () => {
    const { portal } = await openPublished()
    const [first = ""] = await listedIn(portal)
    const wrong = [first, `${first.toLowerCase()}.asc`, `${"A".repeat(40)}.asc`, `${first}.asc.asc`]
    for (const name of wrong) {
        expect((await portal.app.inject({ method: "GET", url: `/csaf/openpgp/${name}` })).statusCode).toBe(404)
    }
})

test("the job continues after it was stopped, and signs each document once", async () => {
    const { world, portal } = await openPublished()
    await world.services.db.transaction((tx) =>
        tx.query(
            `insert into advisory_documents
                 (path, revision, advisory_id, type, body, sha256, sha512, signature, signed_by)
             select path || n, revision, advisory_id, type, body || n, sha256, sha512, signature, signed_by
             from advisory_documents, generate_series(1, 40) as n where signature is not null`,
        ),
    )
    const signedBy = async () =>
        await world.services.db.transaction((tx) =>
            tx.query<{ key: string; count: number; texts: number }>(
                `select signed_by as key, count(*)::int as count, count(distinct signature)::int as texts
                 from advisory_documents where signature is not null group by signed_by order by count`,
            ),
        )
    expect(await world.acting(system, signDocuments)).toBe(false)
    const { key, former } = await replace(world)
    const stopped = world.acting(system, async (ctx) => {
        await signDocuments(ctx)
        throw new Error("the worker is killed")
    })
    await expect(stopped).rejects.toThrow("killed")
    expect(await signedBy()).toMatchObject([{ key: former.fingerprint, count: 82 }])
    expect(await signersOf(portal, world.clock.now)).toEqual([former.fingerprint])
    expect(await world.acting(system, signDocuments)).toBe(true)
    expect((await signedBy()).map(({ count }) => count)).toEqual([32, 50])
    // A second replacement in the middle.
    const next = await replace(world)
    expect(next.former.fingerprint).toBe(key.fingerprint)
    await signAll(world)
    expect(await signedBy()).toEqual([{ key: next.key.fingerprint, count: 82, texts: 82 }])
    expect(await signersOf(portal, world.clock.now)).toEqual([next.key.fingerprint])
})

test("documents that an older version signed are signed again too, and only after a replacement", async () => {
    const { world, portal } = await openPublished()
    await world.services.db.transaction((tx) => tx.query("update advisory_documents set signed_by = null"))
    const before = await readDocuments(portal)
    await signAll(world)
    expect(await readDocuments(portal)).toEqual(before)
    const { key } = await replace(world)
    await signAll(world)
    expect(await signersOf(portal, world.clock.now)).toEqual([key.fingerprint])
})

test("two replacements at the same time make two keys in turn, and no key at all is not replaced", async () => {
    const { world, portal } = await openPublished()
    const [first = ""] = await listedIn(portal)
    const both = await Promise.all([replace(world), replace(world)])
    const [early, late] = both[0].former.fingerprint === first ? both : both.toReversed()
    expect([early?.former.fingerprint, late?.former.fingerprint]).toEqual([first, early?.key.fingerprint])
    expect((await listedIn(portal))[0]).toBe(late?.key.fingerprint)

    const empty = await createProgram()
    closings.push(() => empty.database.close())
    expect(await empty.acting(system, (ctx) => replacePublisherKey(ctx, false))).toBeNull()
})

test("a restored backup signs with no key that was replaced after it, and a revoked key is revoked again", async () => {
    for (const revokes of [false, true]) {
        const highWater = memoryHighWater()
        const { world, portal } = await openPublished()
        const services: Services = { ...world.services, highWater }
        await guardDatabase(services)
        await portal.app.close()
        await world.database.db.close()
        // A database with connections cannot be copied.
        const [older, later] = [await createDatabase(world.database.name), await createDatabase(world.database.name)]
        closings.push(
            () => older.close(),
            () => later.close(),
        )
        const continued = programOverCopy(world, later)
        const { key, former } = await replace(continued, revokes)
        await guardDatabase({ ...services, db: later.db })
        const file = await highWater.read()
        expect(file.state === "sound" && file.mark.ends).toMatchObject([
            { kind: "publisher_key", id: former.fingerprint, status: revokes ? "revoked" : "replaced" },
        ])

        const restored = programOverCopy(world, older)
        const restoredServices: Services = { ...services, db: older.db }
        const early = older.db.transaction((tx) =>
            replacePublisherKey({ tx, now: world.clock.now, actor: system, services: restoredServices }, false),
        )
        expect(await awaitRefusalCode(early)).toBe("keys.replaced_key_signs")
        expect(await guardDatabase(restoredServices)).toBe(true)
        await guardDatabase(restoredServices)
        const { applied } = (await restored.acting(system, findOpenQuarantine)) ?? expect.unreachable()
        expect(applied.filter(({ kind }) => kind === "publisher_key")).toHaveLength(1)
        const restoredPortal = await openPortal(restored)
        closings.push(() => restoredPortal.app.close())
        await signAll(restored)
        const [newest = "", ...others] = await listedIn(restoredPortal)
        expect([key.fingerprint, former.fingerprint]).not.toContain(newest)
        expect(others).toEqual([former.fingerprint])
        expect(await signersOf(restoredPortal, world.clock.now)).toEqual([newest])
        const formerKey = await readKey({
            armoredKey: (await read(restoredPortal, addressOf(former.fingerprint))).body,
        })
        expect(await formerKey.isRevoked()).toBe(revokes)
    }
})

describe.skipIf(!hasGnuPg)("with GnuPG (on machines that have it)", () => {
    test("a reader verifies each document at all times, and the former key certifies the new one", async () => {
        const { world, portal, publishNext } = await openPublished()
        const [first = ""] = await listedIn(portal)
        const reader = openReader(portal)
        await reader.importListed()
        expect(await reader.verdicts()).toEqual([`GOODSIG ${first}`])
        const { key } = await replace(world)
        await publishNext()
        await reader.importListed()
        expect((await reader.verdicts()).toSorted()).toEqual(
            [`GOODSIG ${first}`, `GOODSIG ${key.fingerprint}`].toSorted(),
        )
        await signAll(world)
        expect(await reader.verdicts()).toEqual([`GOODSIG ${key.fingerprint}`])
        expect(reader.signaturesOn(key.fingerprint)).toContain(`sig ! ${idOf(first)}`)

        const stranger = openReader(portal)
        await stranger.importFrom("/csaf/openpgp.asc")
        expect(await stranger.verdicts()).toEqual([`GOODSIG ${key.fingerprint}`])
    })

    test("a reader sees that former keys are revoked, and the new one is not certified", async () => {
        const { world, portal } = await openPublished()
        const [first = ""] = await listedIn(portal)
        const reader = openReader(portal)
        await reader.importListed()
        const { key: second } = await replace(world)
        await signAll(world)
        const { key } = await replace(world, true)
        expect(await listedIn(portal)).toEqual([key.fingerprint, second.fingerprint, first])
        const shown = (await world.acting(system, listServerKeys)).filter(({ purpose }) => purpose === "advisories")
        expect(shown.map(({ fingerprint }) => fingerprint)).toEqual([key.fingerprint])
        await reader.importListed()
        expect(await reader.verdicts()).toEqual([`REVKEYSIG ${second.fingerprint}`])
        await signAll(world)
        expect(await reader.verdicts()).toEqual([`GOODSIG ${key.fingerprint}`])
        for (const fingerprint of [first, second.fingerprint])
            expect(reader.signaturesOn(fingerprint)).toContain(`rev ! ${idOf(fingerprint)}`)
        const signers = reader.signaturesOn(key.fingerprint).map((line) => line.split(" ")[2])
        expect(new Set(signers)).toEqual(new Set([idOf(key.fingerprint)]))
        const events = (await listEvents(world.database)).filter(({ kind }) => kind === "publisher.key_revoked")
        expect(events.map(({ body }) => body["fingerprint"]).toSorted()).toEqual([first, second.fingerprint].toSorted())
    })
})
