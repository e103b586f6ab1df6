/** How often some work goes to the database. */
import pg from "pg"
import { type MockInstance, vi } from "vitest"

type Query = (...given: unknown[]) => Promise<unknown>

export interface Counts {
    readonly statements: number
    /** One more for whatever was asked when an answer was there. */
    readonly trips: number
}

export async function counted(work: () => Promise<unknown>): Promise<Counts> {
    const query = Reflect.get(pg.Client.prototype, "query") as Query
    const spy = vi.spyOn(pg.Client.prototype, "query") as unknown as MockInstance<Query>
    let [statements, trips] = [0, 0]
    spy.mockImplementation(async function (this: unknown, ...given) {
        const trip = trips + 1
        statements++
        const answer = await query.apply(this, given)
        trips = Math.max(trips, trip)
        return answer
    })
    await work()
    spy.mockRestore()
    return { statements, trips }
}
