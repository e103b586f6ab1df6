/** Actions for tests: real services where an action needs them, a fixed clock, and people to act as. */
import { randomBytes } from "node:crypto"
import type { Instant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Tx } from "../../server/src/platform/postgres/db.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { memoryHighWater } from "../../server/src/kernel/high-water.ts"
import { keysFrom } from "../../server/src/platform/crypto/keys.ts"
import { silentLog } from "../../server/src/platform/log/log.ts"
import { machineSources } from "../../server/src/platform/time/clock-sources.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import type { Actor, OperatorRole, PartnerRole } from "../../server/src/kernel/actor.ts"
import { addPerson } from "../../server/src/trust/identity/actions/manage-people.ts"
import { addAgreement, previewExpiry } from "../../server/src/trust/partners/agreements/actions/accept-agreement.ts"
import type { Obligation } from "../../server/src/trust/partners/agreements/obligation.ts"
import { type TestDatabase, newId } from "./database.ts"

export const system: Actor = { kind: "system", component: "test" }

/** The services that actions of trust/ use; without mail, policy and log. */
export function testServices(database: TestDatabase, clock: { readonly now: Instant }): Services {
    return {
        db: database.db,
        keys: keysFrom(Buffer.alloc(32, 7)),
        highWater: memoryHighWater(),
        clock: { now: async () => clock.now, externalNow: () => clock.now },
        clockSources: machineSources("one_clock"),
        realNow: () => clock.now,
        log: silentLog,
        random: (bytes: number) => randomBytes(bytes),
        newId,
        receiptsIntervalMs: 0,
        tileReaders: "off",
        witnessing: null,
        alarmReceiver: null,
        backupPlan: null,
        backupIntervalMs: 0,
        workerAgeMaxMs: 60_000,
        jobNames: ["releasing", "mailing"],
        consoleOrigin: "https://console.example",
        portalOrigin: "https://portal.example",
        signsWithPasskeys: false,
        identityProviders: [],
        marksTaxiiTexts: false,
        taxiiCacheBytesMax: 256 * 1024 * 1024,
        canaryZone: null,
        publisherSettings: {
            category: "coordinator",
            name: "Northlight PSIRT",
            contact: "psirt@northlight.example",
            prefix: "NL",
            cna: { orgId: "6a1f1bd2-6d3c-4a52-9d27-0c5d8e1f2a3b", shortName: "northlight" },
        },
    } as Partial<Services> as Services
}

/** Runs each call in one transaction, as the server does for a request. */
export function actingOn(services: Services, clock: { readonly now: Instant }) {
    return <T>(actor: Actor, work: (ctx: ActionContext) => Promise<T>): Promise<T> =>
        services.db.transaction((tx: Tx) => work({ tx, now: clock.now, actor, services }))
}

export type Acting = ReturnType<typeof actingOn>

/** Adds a staff member that can act; added by `by`, or by the system. */
export async function createStaffMember(
    acting: Acting,
    roles: OperatorRole[],
    by: Actor = system,
): Promise<Actor & { person: string }> {
    const details = { partner: null, name: roles.join(" and "), mail: `${newId()}@operator.example`, roles }
    return { kind: "operator", person: await acting(by, (ctx) => addPerson(ctx, details)), roles }
}

/** Adds a partner's member that can act. */
export async function createPartnerMember(
    acting: Acting,
    partner: string,
    roles: PartnerRole[],
): Promise<Actor & { person: string; partner: string }> {
    const details = { partner, name: roles.join(" and "), mail: `${newId()}@partner.example`, roles }
    return { kind: "partner", partner, person: await acting(system, (ctx) => addPerson(ctx, details)), roles }
}

/** Adds an agreement without notice, confirmed by an author who saw the preview of what it withholds. */
export async function addAgreementAtOnce(
    ctx: ActionContext,
    ...[text, termDays, obligations, longestEmbargoDays]: [string, number | null, (readonly Obligation[])?, number?]
): Promise<number> {
    const { seen } = await previewExpiry(ctx, "at_once", longestEmbargoDays)
    return await addAgreement(ctx, text, termDays, obligations, { longestEmbargoDays, applies: "at_once", seen })
}

/** Returns the code of the refusal, or "done". Rethrows any other error. */
export async function awaitRefusalCode(work: Promise<unknown>): Promise<string> {
    try {
        await work
        return "done"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

/** Lists events since `after`, without actor and instant. */
export async function listEvents(
    database: TestDatabase,
    after = 0,
): Promise<{ kind: string; body: Record<string, unknown> }[]> {
    return await database.db.transaction((tx) =>
        tx.query("select kind, body from events where seq > $1 order by seq", [after]),
    )
}
