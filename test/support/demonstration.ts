/**
 * The demonstration program for tests over HTTP: seeded once, copied per test on demand, with both apps of the real
 * server. Tests move its clock and run its worker.
 */
import type { FastifyInstance } from "fastify"
import { recordOnlyEvents } from "../../server/src/record-only-events.ts"
import { jobs } from "../../server/src/background-jobs.ts"
import { eventHandlers } from "../../server/src/event-handlers.ts"
import type { Instant } from "@tocsin/base/instant"
import { makeClockJob } from "../../server/src/demo/move-clock.ts"
import { routes as demoRoutes } from "../../server/src/demo/routes.ts"
import { type History, type SeededProgram, listCaseIds, seed, storyOf } from "../../server/src/demo/seed.ts"
import { demoStart } from "../../server/src/demo/toolshell.ts"
import { setDemoTarget, demoClock } from "../../server/src/platform/time/clock.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import type { Side } from "../../server/src/kernel/route.ts"
import type { Message } from "../../server/src/platform/mail/mail.ts"
import { noOutgoing } from "../../server/src/platform/outgoing/outgoing.ts"
import { openPolicyEngine } from "../../server/src/platform/policy/engine.ts"
import { handleNextEvent, completeRecordOnlyEvents } from "../../server/src/kernel/worker.ts"
import { makeServer } from "../../server/src/server.ts"
import { system, testServices } from "./actors.ts"
import { assertAnswerMatchesSchema } from "./answers.ts"
import { type TestDatabase, createDatabase, withClusterLock } from "./database.ts"

export interface Demonstration {
    readonly database: TestDatabase
    readonly services: Services
    readonly seeded: SeededProgram
    readonly toolshell: string
    readonly apps: Readonly<Record<Side, FastifyInstance>>
    /** Sent mails, in order. */
    readonly mails: readonly Message[]
    /** Addresses that the mail server refuses. */
    readonly refused: Set<string>
    /** Logged errors. A test that provokes none finds none. */
    readonly faults: readonly string[]
    /** Moves the clock to the instant. All events on the way happen. */
    moveTo(to: Instant): Promise<void>
    /** Works like the worker, until nothing is due. */
    work(): Promise<void>
    close(): Promise<void>
}

export interface SeededMaster {
    readonly seeded: SeededProgram
    /** The first case's id. */
    readonly toolshell: string
    readonly name: string
    close(): Promise<void>
}

/**
 * Seeds a program at the demonstration's start, without connections, so that it can be copied. Without a history, the
 * first file of a run seeds it for all of them.
 */
export async function seedMaster(history?: History): Promise<SeededMaster> {
    return history === undefined ? await shareMaster() : await seedNewMaster(history)
}

const sharedName = "tocsin_seeded"

/** Keeps what was seeded as the comment of the database, which other processes of the run read. */
async function shareMaster(): Promise<SeededMaster> {
    return await withClusterLock(async (query) => {
        const find = "select shobj_description(oid, 'pg_database') as text from pg_database where datname = $1"
        const [found] = await query<{ text: string | null }>(find, [sharedName])
        if (found?.text) {
            const { seeded, toolshell } = JSON.parse(found.text) as Pick<SeededMaster, "seeded" | "toolshell">
            return { seeded, toolshell, name: sharedName, close: async () => undefined }
        }
        const { seeded, toolshell, name } = await seedNewMaster(undefined)
        await query(`alter database ${name} rename to ${sharedName}`)
        const text = JSON.stringify({ seeded, toolshell }).replaceAll("'", "''")
        await query(`comment on database ${sharedName} is '${text}'`)
        return { seeded, toolshell, name: sharedName, close: async () => undefined }
    })
}

async function seedNewMaster(history: History | undefined): Promise<SeededMaster> {
    const database = await createDatabase()
    const { services } = createServices(database)
    const seeded = await seed(services, demoStart, history)
    const [toolshell = ""] = await storyOf(services)(demoStart, system, (ctx) => listCaseIds(ctx, "toolshell"))
    await database.db.close()
    return { seeded, toolshell, name: database.name, close: database.drop }
}

function createServices(database: TestDatabase) {
    const mails: Message[] = []
    const refused = new Set<string>()
    const faults: string[] = []
    const quiet = () => undefined
    const services: Services = {
        ...testServices(database, { now: 0 }),
        clock: demoClock,
        realNow: Date.now,
        policy: openPolicyEngine(),
        outgoing: noOutgoing,
        mail: { send: async (letter) => void (refused.has(letter.to) ? refuseForGood() : mails.push(letter)) },
        log: {
            debug: quiet,
            info: quiet,
            warn: quiet,
            error: (kind, facts) => void faults.push(`${kind} ${JSON.stringify(facts)}`),
        },
    }
    return { services, mails, refused, faults }
}

function refuseForGood(): never {
    throw Object.assign(new Error("no such user"), { code: "EENVELOPE", command: "RCPT TO", responseCode: 550 })
}

/** Creates a copy. Close it at the end. */
export async function copyDemonstration(master: SeededMaster): Promise<Demonstration> {
    const { seeded, toolshell } = master
    const database = await createDatabase(master.name)
    const { services, mails, refused, faults } = createServices(database)
    const app = async (side: Side) =>
        await makeServer({
            services,
            side,
            web: null,
            secureCookies: false,
            requestsPerMinuteMax: 100_000,
            extraRoutes: demoRoutes,
            watch: assertAnswerMatchesSchema,
        })
    const apps = { console: await app("console"), portal: await app("portal") }
    const clock = makeClockJob(seeded)
    return {
        database,
        services,
        seeded,
        toolshell,
        apps,
        mails,
        refused,
        faults,
        moveTo: async (to) => {
            await services.db.transaction((tx) => setDemoTarget(tx, to))
            while (await clock.run(services));
        },
        work: async () => await runUntilIdle(services),
        close: async () => {
            await apps.console.close()
            await apps.portal.close()
            await database.close()
        },
    }
}

async function runUntilIdle(services: Services): Promise<void> {
    let more = true
    while (more) {
        more = await handleNextEvent(services, eventHandlers)
        for (const job of jobs) more = (await job.run(services)) || more
        for (const job of jobs) await job.finish?.(services)
        await completeRecordOnlyEvents(services, recordOnlyEvents)
    }
}

/** Lists pending events: kinds whose handler has not completed, with the number of tries. */
export async function listPendingEvents({ services }: Demonstration): Promise<{ kind: string; attempts: number }[]> {
    return await services.db.transaction((tx) =>
        tx.query("select kind, attempts from pending_events where kind = any($1) order by seq", [
            Object.keys(eventHandlers),
        ]),
    )
}
