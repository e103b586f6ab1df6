/**
 * What a reader is shown, in the order in which it came. It is kept in columns: a million objects for each reader would be most
 * of what is in memory, and looked through again and again by whoever tidies it up.
 */

export interface Shown<Of> {
    readonly of: Of
    /** Microseconds since 1970. */
    readonly added: number
    /** Whether it was handed out before, and not only listed. */
    delivered: boolean
}

export type Dated<Of> = Readonly<Shown<Of>>

/** What is asked of a list, whether its members stand in it or are made when somebody asks. */
export interface Listed<One> extends Iterable<One> {
    readonly length: number
    /** From 0. */
    at(place: number): One | undefined
}

/** Where an item stands among those that are shown, and what else is known of it. */
export interface Placed extends Omit<Shown<never>, "of"> {
    readonly item: number
}

export class Rows<Of> implements Listed<Shown<Of>> {
    readonly length: number
    readonly #items: readonly Of[]
    readonly #places: Uint32Array
    readonly #added: Float64Array
    readonly #delivered: Uint8Array

    constructor(items: readonly Of[], placed: readonly Placed[]) {
        this.length = placed.length
        this.#items = items
        this.#places = Uint32Array.from(placed, ({ item }) => item)
        this.#added = Float64Array.from(placed, ({ added }) => added)
        this.#delivered = Uint8Array.from(placed, ({ delivered }) => Number(delivered))
    }

    at(place: number): Shown<Of> | undefined {
        const [item, added] = [this.#places[place], this.#added[place]]
        if (item === undefined || added === undefined) return undefined
        return new Row(this.#items[item] as Of, added, this.#delivered, place)
    }

    *[Symbol.iterator](): Generator<Shown<Of>, void> {
        for (let place = 0; place < this.length; place++) yield this.at(place) as Shown<Of>
    }
}

class Row<Of> implements Shown<Of> {
    readonly of: Of
    readonly added: number
    readonly #delivered: Uint8Array
    readonly #place: number

    constructor(subject: Of, added: number, delivered: Uint8Array, place: number) {
        this.of = subject
        this.added = added
        this.#delivered = delivered
        this.#place = place
    }

    get delivered(): boolean {
        return this.#delivered[this.#place] === 1
    }

    set delivered(is: boolean) {
        this.#delivered[this.#place] = Number(is)
    }
}
