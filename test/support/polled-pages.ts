/** The portal as partners' tools poll it, over a program or copies of it. */
import type { FastifyInstance } from "fastify"
import type { Services } from "../../server/src/kernel/services.ts"
import { memoryHighWater } from "../../server/src/kernel/high-water.ts"
import { makeServer } from "../../server/src/server.ts"
import { issueCredential } from "../../server/src/trust/identity/actions/sign-in.ts"
import type { TestDatabase } from "./database.ts"
import type { Program, TestPartner } from "./program.ts"

export interface Portal {
    readonly app: FastifyInstance
    /** Logged errors. */
    readonly faults: readonly string[]
}

/** Opens a portal over the program's database or a copy, optionally with another clock. */
export async function openPortal(world: Program, changes: Partial<Services> = {}): Promise<Portal> {
    const faults: string[] = []
    const log = { debug: () => 0, info: () => 0, warn: () => 0, error: (_: string, facts: object) => note(facts) }
    const note = (facts: object) => void faults.push(JSON.stringify(facts))
    const services = { ...world.services, log, ...changes } as unknown as Services
    const options = { side: "portal", web: null, secureCookies: false, requestsPerMinuteMax: 1_000_000 } as const
    return { app: await makeServer({ ...options, services }), faults }
}

export const createToken = (world: Program, partner: TestPartner): Promise<string> =>
    world.acting(partner.analyst, (ctx) => issueCredential(ctx, partner.analyst.person, "token"))

/** Opens the same program over a copy of its database. */
export function programOverCopy(world: Program, database: TestDatabase): Program {
    const services = { ...world.services, db: database.db, highWater: memoryHighWater() }
    const acting: Program["acting"] = (actor, work) =>
        database.db.transaction((tx) => work({ tx, now: world.clock.now, actor, services }))
    return { ...world, database, services, acting }
}
