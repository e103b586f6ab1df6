/** Counts the round trips of some work to the database, with their statements. */
import pg from "pg"
import { type MockInstance, vi } from "vitest"

type Query = (...args: unknown[]) => Promise<unknown>

export interface RoundTrips {
    readonly statements: number
    /** Counts one round trip for all statements that were sent before an answer arrived. */
    readonly roundTrips: number
}

export async function countRoundTrips(work: () => Promise<unknown>): Promise<RoundTrips> {
    let [statements, roundTrips] = [0, 0]
    const spy = spyOnQueries(async (runQuery) => {
        const roundTrip = roundTrips + 1
        statements++
        const answer = await runQuery()
        roundTrips = Math.max(roundTrips, roundTrip)
        return answer
    })
    await work()
    spy.mockRestore()
    return { statements, roundTrips }
}

/** Returns each statement's text and row count, unordered, because concurrent statements end in any order. */
export async function listStatements(work: () => Promise<unknown>): Promise<string[]> {
    const list: string[] = []
    const spy = spyOnQueries(async (runQuery, statement) => {
        const answer = (await runQuery()) as { readonly rowCount?: number | null }
        const text = typeof statement === "string" ? statement : (statement as { readonly text: string }).text
        list.push(`${answer.rowCount ?? 0} rows: ${text.replaceAll(/\s+/g, " ")}`)
        return answer
    })
    await work()
    spy.mockRestore()
    return list.toSorted()
}

function spyOnQueries(
    replacement: (runQuery: () => Promise<unknown>, args: unknown) => Promise<unknown>,
): MockInstance<Query> {
    const query = Reflect.get(pg.Client.prototype, "query") as Query
    const spy = vi.spyOn(pg.Client.prototype, "query") as unknown as MockInstance<Query>
    return spy.mockImplementation(function (this: unknown, ...args) {
        return replacement(() => query.apply(this, args), args[0])
    })
}
