/** Queues work fairly, so that no side and no caller takes the capacity of the others. */

export interface Places {
    /** Maximum at once, for all names together. */
    readonly atOnceMax: number
    readonly ofOneMax: number
    /** Maximum waiting work of one name. More throws with status 503. */
    readonly waitingOfOneMax: number
}

/** The places of each side and of credential lookups, so that none takes the connections of the others. */
export const placesOf = {
    portal: { atOnceMax: 8, ofOneMax: 2, waitingOfOneMax: 100 },
    console: { atOnceMax: 8, ofOneMax: 4, waitingOfOneMax: 1000 },
    lookUps: { atOnceMax: 2, ofOneMax: 2, waitingOfOneMax: 1000 },
    /** Requests that share one transaction, which takes one place of its side. */
    sharing: { atOnceMax: 32, ofOneMax: 2, waitingOfOneMax: 100 },
} as const satisfies Record<string, Places>

/** Runs work under a name. `goesOn`: it continues admitted work, so it goes first of its name and is never refused. */
export type InTurn = <T>(name: string, work: () => Promise<T>, goesOn?: "goesOn") => Promise<T>

interface Waiting {
    readonly name: string
    readonly enter: () => void
}

/**
 * Makes a queue with limits in total and per name. Next is the name with the least running work, then the earliest.
 */
export function inTurn({ atOnceMax, ofOneMax, waitingOfOneMax }: Places): InTurn {
    const inside = new Map<string, number>()
    const waiting: Waiting[] = []
    let places = atOnceMax
    const insideOf = (name: string) => inside.get(name) ?? 0
    const take = (name: string) => {
        places--
        inside.set(name, insideOf(name) + 1)
    }
    const letIn = () => {
        while (places > 0) {
            const next = nextOf(waiting, insideOf, ofOneMax)
            if (!next) return
            waiting.splice(waiting.indexOf(next), 1)
            take(next.name)
            next.enter()
        }
    }
    const leave = (name: string) => {
        places++
        if (insideOf(name) === 1) inside.delete(name)
        else inside.set(name, insideOf(name) - 1)
        letIn()
    }
    const enter = async (name: string, goesOn: boolean) => {
        if (places > 0 && insideOf(name) < ofOneMax) return take(name)
        if (!goesOn && !(waiting.filter((task) => task.name === name).length < waitingOfOneMax)) throw tooMuch(503)
        await new Promise<void>((resolve) => waiting[goesOn ? "unshift" : "push"]({ name, enter: resolve }))
    }
    return async (name, work, goesOn) => {
        await enter(name, goesOn !== undefined)
        try {
            return await work()
        } finally {
            leave(name)
        }
    }
}

function nextOf(waiting: readonly Waiting[], insideOf: (name: string) => number, ofOneMax: number): Waiting | null {
    let next: Waiting | null = null
    for (const task of waiting) {
        const least = next === null ? ofOneMax : insideOf(next.name)
        if (insideOf(task.name) < least) next = task
    }
    return next
}

export type Counted = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** Makes a counter that limits running work per name. More throws with status 429. */
export function atMost(max: number): Counted {
    const open = new Map<string, number>()
    return async (name, work) => {
        const others = open.get(name) ?? 0
        if (!(others < max)) throw tooMuch(429)
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

const tooMuch = (statusCode: number): Error => Object.assign(new Error("too much at once"), { statusCode })
