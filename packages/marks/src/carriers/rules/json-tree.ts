/** Parses JSON into values with offsets. The text must have been read strictly, so that it is valid and not deep. */
import type { Piece } from "./drafts.ts"

/** A value of JSON with its place in the text. */
export type JsonNode = JsonLeaf | JsonList | JsonMap

interface JsonLeaf extends Piece {
    readonly kind: "leaf"
}

/** An array of JSON. */
export interface JsonList extends Piece {
    readonly kind: "list"
    readonly items: readonly JsonNode[]
}

/** An object of JSON, with its entries in the order of the text. */
export interface JsonMap extends Piece {
    readonly kind: "map"
    readonly entries: readonly JsonEntry[]
}
/** From the key to the end of the value. */
export interface JsonEntry extends Piece {
    readonly key: string
    readonly value: JsonNode
}

/** Parses a text of JSON into values with offsets. The text must be valid JSON. */
export function jsonTree(text: string): JsonNode {
    return new TreeReader(text).value()
}

class TreeReader {
    readonly #text: string
    #at = 0

    constructor(text: string) {
        this.#text = text
    }

    value(): JsonNode {
        const opening = this.#peek()
        const start = this.#at
        if (opening === "[") {
            const items: JsonNode[] = []
            for (this.#at++; this.#peek() !== "]"; this.#comma()) items.push(this.value())
            return { kind: "list", items, start, end: ++this.#at }
        }
        if (opening === "{") {
            const entries: JsonEntry[] = []
            for (this.#at++; this.#peek() !== "}"; this.#comma()) entries.push(this.#entry())
            return { kind: "map", entries, start, end: ++this.#at }
        }
        if (opening === '"') this.#string()
        else while (/[\w.+-]/.test(this.#text.charAt(this.#at))) this.#at++
        return { kind: "leaf", start, end: this.#at }
    }

    #entry(): JsonEntry {
        const start = this.#at
        this.#string()
        const key = String(JSON.parse(this.#text.slice(start, this.#at)))
        this.#peek()
        this.#at++
        const value = this.value()
        return { key, value, start, end: value.end }
    }

    #string(): void {
        this.#at++
        while (this.#text.charAt(this.#at) !== '"') this.#at += this.#text.charAt(this.#at) === "\\" ? 2 : 1
        this.#at++
    }

    #comma(): void {
        if (this.#peek() === ",") this.#at++
    }

    /** The next character that is no blank. */
    #peek(): string {
        while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at++
        return this.#text.charAt(this.#at)
    }
}
