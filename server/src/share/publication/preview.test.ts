/** Previews refused publications on a real database; a refused publication holds nothing else back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { listEvents } from "../../../../test/support/actors.ts"
import { type Program, releaseWaveNow, newCase, newPartner, createProgram } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { Db, Tx } from "../../platform/postgres/db.ts"
import type { Services } from "../../kernel/services.ts"
import { retryFailedEvents, handleNextEvent } from "../../kernel/worker.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../artifacts/actions/recall-artifact.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { reviseCase } from "../cases/actions/open-case.ts"
import { endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { previewPublication, listRefusedPublications } from "./actions/preview-publication.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
/** The services with a publisher name that no document accepts. */
let badly: Services
beforeAll(async () => {
    world = await createProgram()
    await newPartner(world, "validate")
    const silent = { ...console, error: () => undefined }
    badly = { ...world.services, log: silent, publisherSettings: { ...world.services.publisherSettings, name: " " } }
}, 120_000)
afterAll(() => world.database.close())
beforeEach(() => {
    world.clock.now = parseInstant("2025-06-23T00:00:00Z")
})

const actWith = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    world.services.db.transaction((tx) => work({ tx, now: world.clock.now, services, actor: world.author }))
const previewCase = (subject: string, services = world.services) =>
    actWith(services, (ctx) => previewPublication(ctx, subject))
const listRefused = (services = badly) => actWith(services, listRefusedPublications)

async function handleEvents(services: Services): Promise<void> {
    while (await handleNextEvent(services, eventHandlers));
}

/** A case whose embargo ended, and whose publication failed with the invalid name. */
async function refusedCase(): Promise<string> {
    const subject = await newCase(world, "toolshell")
    await handleEvents(world.services)
    world.clock.now = publication
    await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
    await handleEvents(badly)
    return subject
}

async function changeTitle(subject: string, title: string): Promise<void> {
    await world.acting(world.author, async (ctx) => {
        const { vulnerabilities, finder } = await loadCaseFile(ctx, subject)
        await reviseCase(ctx, subject, { title, vulnerabilities, finder })
    })
}

const addSummary = async (subject: string): Promise<string> =>
    await world.acting(world.author, (ctx) =>
        addArtifact(ctx, {
            case: subject,
            class: "summary",
            tlp: "AMBER",
            pap: "AMBER",
            name: "summary.md",
            content: "# Said to all",
        }),
    )

const advisory = (subject: string) =>
    world.database.db.transaction((tx) => tx.query("select id from advisories where case_id = $1", [subject]))
const listKinds = async () => (await listEvents(world.database)).map(({ kind }) => kind)

const nameless = {
    test: "schema",
    where: "/document/publisher/name",
    says: expect.stringContaining("pattern"),
    forms: ["CSAF 2.0", "CSAF 2.1"],
}

describe("before its instant", () => {
    test("a valid case has no issue, and an invalid one has each issue once with its place", async () => {
        const subject = await newCase(world, "toolshell")
        expect(await previewCase(subject)).toEqual({
            state: "planned",
            advisory: null,
            faults: [],
            contradictsReports: false,
        })
        expect(await previewCase(subject, badly)).toEqual({
            state: "planned",
            advisory: null,
            faults: [nameless],
            contradictsReports: false,
        })
    })

    test("a preview writes nothing and uses no number", async () => {
        const subject = await newCase(world, "toolshell")
        const before = await listKinds()
        await previewCase(subject, badly)
        await previewCase(subject)
        expect(await listKinds()).toEqual(before)
        expect(await advisory(subject)).toEqual([])
    })

    test("checks the texts of remaining waves that are not yet open", async () => {
        const subject = await newCase(world, "toolshell")
        const artifact = await addSummary(subject)
        const read: unknown[] = []
        const db: Db = {
            ...world.services.db,
            transaction: (then) =>
                world.services.db.transaction((tx) => {
                    const query: Tx["query"] = (sql, values) => {
                        if (/content_ciphertext/.test(sql)) read.push(...[values?.[0]].flat())
                        return tx.query(sql, values)
                    }
                    return then({ ...tx, query })
                }),
        }
        await db.transaction((tx) =>
            previewPublication({ tx, now: world.clock.now, services: world.services, actor: world.author }, subject),
        )
        expect(read).toContain(artifact)
    })

    test("does not check a closed case", async () => {
        const subject = await newCase(world, "bypass")
        await world.acting(world.author, (ctx) => closeCase(ctx, subject, "cancelled", "nothing was wrong"))
        expect(await previewCase(subject, badly)).toEqual({
            state: "never",
            advisory: null,
            faults: [],
            contradictsReports: false,
        })
    })
})

describe("an advisory refused at its instant", () => {
    test("is shown with its issues until it is published by a worker with better settings", async () => {
        const others = await listRefused()
        const subject = await refusedCase()
        const newlyRefused = (await listRefused()).filter(
            (refused) => !others.some((other) => other.case === refused.case),
        )
        expect(newlyRefused).toEqual([{ case: subject, since: publication, faults: [nameless] }])
        expect(await previewCase(subject, badly)).toMatchObject({ state: "due", advisory: null })
        expect((await listRefused(world.services)).find((refused) => refused.case === subject)).toMatchObject({
            faults: [],
        })
        await handleEvents(world.services)
        expect(await advisory(subject)).toEqual([])
        await retryFailedEvents(world.services)
        await handleEvents(world.services)
        expect(await advisory(subject)).toHaveLength(1)
        expect((await listRefused()).map((refused) => refused.case)).not.toContain(subject)
    })

    test("is published at once when the case is corrected, not at the next retry", async () => {
        const subject = await refusedCase()
        await changeTitle(subject, "Said better")
        await handleEvents(world.services)
        expect(await advisory(subject)).toHaveLength(1)
        expect((await listRefused()).map((refused) => refused.case)).not.toContain(subject)
        expect(await previewCase(subject)).toMatchObject({ state: "published", faults: [] })
    })

    test("is shown when it cannot be built, and nothing else fails", async () => {
        const subject = await refusedCase()
        const broken = {
            ...badly,
            portalOrigin: "nowhere",
            publisherSettings: { ...badly.publisherSettings, name: null },
        }
        expect((await listRefused(broken)).find((refused) => refused.case === subject)).toMatchObject({
            faults: [{ says: expect.stringContaining("cannot be built") }],
        })
    })

    test("is refused again after a wrong correction, and shown once with its due instant", async () => {
        const subject = await refusedCase()
        world.clock.now += dayMs
        await changeTitle(subject, "Said no better")
        await handleEvents(badly)
        expect((await listRefused()).filter((refused) => refused.case === subject)).toMatchObject([
            { since: publication },
        ])
    })
})

describe("a refused correction", () => {
    test("does not hold back other handlers of the change, and is shown until it is made", async () => {
        const subject = await newCase(world, "toolshell")
        const artifact = await addSummary(subject)
        await releaseWaveNow(world, subject, "validate", [artifact])
        world.clock.now = publication
        await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
        await handleEvents(world.services)
        const [published] = await advisory(subject)
        world.clock.now += dayMs
        const since = world.clock.now
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, artifact, { version: null, reason: "It was wrong." }),
        )
        await handleEvents(badly)
        const owed = await world.database.db.transaction((tx) =>
            tx.query<{ kind: string }>(
                `select events.kind from pending_events join events using (seq) where body->>'case' = $1
                 and events.kind in ('artifact.recalled', 'advisory.update_required')`,
                [subject],
            ),
        )
        expect(owed.map(({ kind }) => kind)).toEqual(["advisory.update_required"])
        expect((await listRefused()).filter((refused) => refused.case === subject)).toEqual([
            { case: subject, since, faults: [nameless] },
        ])
        expect(await previewCase(subject, badly)).toMatchObject({
            state: "due",
            advisory: (published as { id: string }).id,
        })
        await retryFailedEvents(world.services)
        await handleEvents(world.services)
        expect(await previewCase(subject, badly)).toMatchObject({ state: "published", faults: [] })
    })

    test("is not shown when the public text stays, or before anything is public", async () => {
        const subject = await newCase(world, "toolshell")
        const before = (await listKinds()).filter((kind) => kind === "advisory.update_required").length
        await changeTitle(subject, "Before it is public")
        await handleEvents(world.services)
        expect((await listKinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before)
        world.clock.now = publication
        await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
        await handleEvents(world.services)
        const revised = (await listKinds()).filter((kind) => kind === "advisory.revised").length
        await world.acting(world.author, async (ctx) => {
            const { title, vulnerabilities } = await loadCaseFile(ctx, subject)
            await reviseCase(ctx, subject, { title, vulnerabilities, finder: "somebody else" })
        })
        await handleEvents(world.services)
        expect((await listKinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before + 1)
        expect((await listKinds()).filter((kind) => kind === "advisory.revised")).toHaveLength(revised)
    })
})
