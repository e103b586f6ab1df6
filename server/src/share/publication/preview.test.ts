/**
 * What would be refused is told before its instant, and what was refused holds nothing else back; over a real database.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { recorded } from "../../../../test/support/actors.ts"
import { type Program, fall, newCase, newPartner, program } from "../../../../test/support/program.ts"
import { eventHandlers } from "../../event-handlers.ts"
import { dayMs, parseInstant } from "@tocsin/base/instant"
import type { Db, Tx } from "../../platform/postgres/db.ts"
import type { Services } from "../../kernel/services.ts"
import { retryFailedEvents, handleNextEvent } from "../../kernel/worker.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import { addArtifact } from "../artifacts/actions/add-artifact.ts"
import { recallArtifact } from "../artifacts/actions/find-recalls.ts"
import { loadCaseFile } from "../cases/actions/load-case.ts"
import { closeCase } from "../cases/actions/close-case.ts"
import { reviseCase } from "../cases/actions/open-case.ts"
import { endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { previewPublication, listRefusedPublications } from "./actions/preview-publication.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

let world: Program
/** As the program would be with a name that no document takes. */
let badly: Services
beforeAll(async () => {
    world = await program()
    await newPartner(world, "validate")
    const silent = { ...console, error: () => undefined }
    badly = { ...world.services, log: silent, publisherSettings: { ...world.services.publisherSettings, name: " " } }
}, 120_000)
afterAll(() => world.database.close())
beforeEach(() => {
    world.clock.now = parseInstant("2025-06-23T00:00:00Z")
})

const look = <T>(services: Services, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
    world.services.db.transaction((tx) => work({ tx, now: world.clock.now, services, actor: world.author }))
const foresee = (subject: string, services = world.services) =>
    look(services, (ctx) => previewPublication(ctx, subject))
const refused = (services = badly) => look(services, listRefusedPublications)

async function work(services: Services): Promise<void> {
    while (await handleNextEvent(services, eventHandlers));
}

/** A case whose embargo has ended, and that was tried to be published with the bad name. */
async function refusedCase(): Promise<string> {
    const subject = await newCase(world, "toolshell")
    await work(world.services)
    world.clock.now = publication
    await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
    await work(badly)
    return subject
}

async function retell(subject: string, title: string): Promise<void> {
    await world.acting(world.author, async (ctx) => {
        const { vulnerabilities, finder } = await loadCaseFile(ctx, subject)
        await reviseCase(ctx, subject, { title, vulnerabilities, finder })
    })
}

const summary = async (subject: string): Promise<string> =>
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
const kinds = async () => (await recorded(world.database)).map(({ kind }) => kind)

const nameless = {
    test: "schema",
    where: "/document/publisher/name",
    says: expect.stringContaining("pattern"),
    forms: ["CSAF 2.0", "CSAF 2.1"],
}

describe("before its instant", () => {
    test("a case that would be taken has no fault, and one that would not has each once, with where", async () => {
        const subject = await newCase(world, "toolshell")
        expect(await foresee(subject)).toEqual({
            state: "planned",
            advisory: null,
            faults: [],
            contradictsReports: false,
        })
        expect(await foresee(subject, badly)).toEqual({
            state: "planned",
            advisory: null,
            faults: [nameless],
            contradictsReports: false,
        })
    })

    test("nothing is written by looking, and no number is taken", async () => {
        const subject = await newCase(world, "toolshell")
        const before = await kinds()
        await foresee(subject, badly)
        await foresee(subject)
        expect(await kinds()).toEqual(before)
        expect(await advisory(subject)).toEqual([])
    })

    test("the texts are judged that the waves which are left would open, and were not opened yet", async () => {
        const subject = await newCase(world, "toolshell")
        const artifact = await summary(subject)
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

    test("of what was closed nothing is to be refused", async () => {
        const subject = await newCase(world, "bypass")
        await world.acting(world.author, (ctx) => closeCase(ctx, subject, "cancelled", "nothing was wrong"))
        expect(await foresee(subject, badly)).toEqual({
            state: "never",
            advisory: null,
            faults: [],
            contradictsReports: false,
        })
    })
})

describe("what was refused at its instant", () => {
    test("is told with its faults until it is published, by who starts the worker with better settings", async () => {
        const others = await refused()
        const subject = await refusedCase()
        const its_ = (await refused()).filter((refused) => !others.some((other) => other.case === refused.case))
        expect(its_).toEqual([{ case: subject, since: publication, faults: [nameless] }])
        expect(await foresee(subject, badly)).toMatchObject({ state: "due", advisory: null })
        expect((await refused(world.services)).find((refused) => refused.case === subject)).toMatchObject({
            faults: [],
        })
        await work(world.services)
        expect(await advisory(subject)).toEqual([])
        await retryFailedEvents(world.services)
        await work(world.services)
        expect(await advisory(subject)).toHaveLength(1)
        expect((await refused()).map((refused) => refused.case)).not.toContain(subject)
    })

    test("is published at once when the case is corrected, and not when the next try is due", async () => {
        const subject = await refusedCase()
        await retell(subject, "Said better")
        await work(world.services)
        expect(await advisory(subject)).toHaveLength(1)
        expect((await refused()).map((refused) => refused.case)).not.toContain(subject)
        expect(await foresee(subject)).toMatchObject({ state: "published", faults: [] })
    })

    test("is told of too where it cannot even be built, and nothing else fails with it", async () => {
        const subject = await refusedCase()
        const broken = {
            ...badly,
            portalOrigin: "nowhere",
            publisherSettings: { ...badly.publisherSettings, name: null },
        }
        expect((await refused(broken)).find((refused) => refused.case === subject)).toMatchObject({
            faults: [{ says: expect.stringContaining("cannot be built") }],
        })
    })

    test("is refused again where it is corrected to no avail, and told once, since when it is owed", async () => {
        const subject = await refusedCase()
        world.clock.now += dayMs
        await retell(subject, "Said no better")
        await work(badly)
        expect((await refused()).filter((refused) => refused.case === subject)).toMatchObject([{ since: publication }])
    })
})

describe("a correction that is refused", () => {
    test("holds back nothing else that follows from what was changed, and is told until it is made", async () => {
        const subject = await newCase(world, "toolshell")
        const artifact = await summary(subject)
        await fall(world, subject, "validate", [artifact])
        world.clock.now = publication
        await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
        await work(world.services)
        const [published] = await advisory(subject)
        world.clock.now += dayMs
        const since = world.clock.now
        await world.acting(world.author, (ctx) =>
            recallArtifact(ctx, artifact, { version: null, reason: "It was wrong." }),
        )
        await work(badly)
        const owed = await world.database.db.transaction((tx) =>
            tx.query<{ kind: string }>(
                `select events.kind from pending_events join events using (seq) where body->>'case' = $1
                 and events.kind in ('artifact.recalled', 'advisory.update_required')`,
                [subject],
            ),
        )
        expect(owed.map(({ kind }) => kind)).toEqual(["advisory.update_required"])
        expect((await refused()).filter((refused) => refused.case === subject)).toEqual([
            { case: subject, since, faults: [nameless] },
        ])
        expect(await foresee(subject, badly)).toMatchObject({
            state: "due",
            advisory: (published as { id: string }).id,
        })
        await retryFailedEvents(world.services)
        await work(world.services)
        expect(await foresee(subject, badly)).toMatchObject({ state: "published", faults: [] })
    })

    test("is not made of what leaves what is public as it is, nor owed before anything is public", async () => {
        const subject = await newCase(world, "toolshell")
        const before = (await kinds()).filter((kind) => kind === "advisory.update_required").length
        await retell(subject, "Before it is public")
        await work(world.services)
        expect((await kinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before)
        world.clock.now = publication
        await world.acting(world.author, (ctx) => endEmbargo(ctx, subject))
        await work(world.services)
        const revised = (await kinds()).filter((kind) => kind === "advisory.revised").length
        await world.acting(world.author, async (ctx) => {
            const { title, vulnerabilities } = await loadCaseFile(ctx, subject)
            await reviseCase(ctx, subject, { title, vulnerabilities, finder: "somebody else" })
        })
        await work(world.services)
        expect((await kinds()).filter((kind) => kind === "advisory.update_required")).toHaveLength(before + 1)
        expect((await kinds()).filter((kind) => kind === "advisory.revised")).toHaveLength(revised)
    })
})
