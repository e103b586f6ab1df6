/**
 * Holds a reader's feed in order of addition, stored in columns.
 *
 * A million objects for each reader would take most of the memory and of the garbage collector's time.
 */

export interface FeedEntry<Item> {
    readonly item: Item
    /** Microseconds since 1970. */
    readonly added: number
    /** Whether the item was handed out before, and not only listed. */
    delivered: boolean
}

export type ReadonlyFeedEntry<Item> = Readonly<FeedEntry<Item>>

/** A readable list whose members are stored or made on access. */
export interface IndexedList<Item> extends Iterable<Item> {
    readonly length: number
    /** The index, from 0. */
    at(place: number): Item | undefined
}

/** The index of an item among the shown items, with its feed facts. */
export interface FeedPosition extends Omit<FeedEntry<never>, "item"> {
    readonly item: number
}

export class Rows<Item> implements IndexedList<FeedEntry<Item>> {
    readonly length: number
    readonly #items: readonly Item[]
    readonly #places: Uint32Array
    readonly #added: Float64Array
    readonly #delivered: Uint8Array

    constructor(items: readonly Item[], placed: readonly FeedPosition[]) {
        this.length = placed.length
        this.#items = items
        this.#places = Uint32Array.from(placed, ({ item }) => item)
        this.#added = Float64Array.from(placed, ({ added }) => added)
        this.#delivered = Uint8Array.from(placed, ({ delivered }) => Number(delivered))
    }

    at(place: number): FeedEntry<Item> | undefined {
        const [item, added] = [this.#places[place], this.#added[place]]
        if (item === undefined || added === undefined) return undefined
        return new Row(this.#items[item] as Item, added, this.#delivered, place)
    }

    *[Symbol.iterator](): Generator<FeedEntry<Item>, void> {
        for (let place = 0; place < this.length; place++) yield this.at(place) as FeedEntry<Item>
    }
}

class Row<Item> implements FeedEntry<Item> {
    readonly item: Item
    readonly added: number
    readonly #delivered: Uint8Array
    readonly #place: number

    constructor(item: Item, added: number, delivered: Uint8Array, place: number) {
        this.item = item
        this.added = added
        this.#delivered = delivered
        this.#place = place
    }

    get delivered(): boolean {
        return this.#delivered[this.#place] === 1
    }

    set delivered(isDelivered: boolean) {
        this.#delivered[this.#place] = Number(isDelivered)
    }
}
