/** Counts the round trips of some work to the database, with their statements. */
import pg from "pg"
import { type MockInstance, vi } from "vitest"

type Query = (...given: unknown[]) => Promise<unknown>

export interface Counts {
    readonly statements: number
    /** Counts one round trip for all statements that were sent before an answer arrived. */
    readonly trips: number
}

export async function counted(work: () => Promise<unknown>): Promise<Counts> {
    let [statements, trips] = [0, 0]
    const spy = watched(async (ask) => {
        const trip = trips + 1
        statements++
        const answer = await ask()
        trips = Math.max(trips, trip)
        return answer
    })
    await work()
    spy.mockRestore()
    return { statements, trips }
}

/** Returns each statement's text and row count, unordered, because concurrent statements end in any order. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
    const list: string[] = []
    const spy = watched(async (ask, given) => {
        const answer = (await ask()) as { readonly rowCount?: number | null }
        const text = typeof given === "string" ? given : (given as { readonly text: string }).text
        list.push(`${answer.rowCount ?? 0} rows: ${text.replaceAll(/\s+/g, " ")}`)
        return answer
    })
    await work()
    spy.mockRestore()
    return list.toSorted()
}

function watched(instead: (ask: () => Promise<unknown>, given: unknown) => Promise<unknown>): MockInstance<Query> {
    const query = Reflect.get(pg.Client.prototype, "query") as Query
    const spy = vi.spyOn(pg.Client.prototype, "query") as unknown as MockInstance<Query>
    return spy.mockImplementation(function (this: unknown, ...given) {
        return instead(() => query.apply(this, given), given[0])
    })
}
