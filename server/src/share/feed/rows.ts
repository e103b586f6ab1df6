/**
 * Holds a reader's feed in order of addition, stored in columns.
 *
 * A million objects for each reader would take most of the memory and of the garbage collector's time.
 */

export interface Shown<Of> {
    readonly of: Of
    /** Microseconds since 1970. */
    readonly added: number
    /** Whether the item was handed out before, and not only listed. */
    delivered: boolean
}

export type Dated<Of> = Readonly<Shown<Of>>

/** A readable list whose members are stored or made on access. */
export interface Listed<One> extends Iterable<One> {
    readonly length: number
    /** The index, from 0. */
    at(place: number): One | undefined
}

/** The index of an item among the shown items, with its feed facts. */
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
