/** Keeps one side, or one asker, from taking what the others need. */
import type { Db } from "./db.ts"

/**
 * The same database, with so many transactions at once at most; the others wait in their order, outside the pool. So
 * connections are left for whoever uses the database itself, however many ask here.
 */
export function fewAtOnce(db: Db, atOnceMax: number): Db {
    const waiting: (() => void)[] = []
    let inside = 0
    const enter = async (): Promise<void> => {
        if (inside < atOnceMax) inside++
        else await new Promise<void>((resolve) => waiting.push(resolve))
    }
    const leave = (): void => {
        const next = waiting.shift()
        if (next) next()
        else inside--
    }
    return {
        transaction: async (work) => {
            await enter()
            try {
                return await db.transaction(work)
            } finally {
                leave()
            }
        },
        close: () => db.close(),
    }
}

export type Counted = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** Of each name so much at once at most; what is more throws with status 429. */
export function atMost(max: number): Counted {
    const open = new Map<string, number>()
    return async (name, work) => {
        const others = open.get(name) ?? 0
        if (!(others < max)) throw Object.assign(new Error("too much at once"), { statusCode: 429 })
        open.set(name, others + 1)
        try {
            return await work()
        } finally {
            const left = (open.get(name) ?? 1) - 1
            if (left === 0) open.delete(name)
            else open.set(name, left)
        }
    }
}
