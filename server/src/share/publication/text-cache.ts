/**
 * Caches texts that are read often.
 *
 * Each text belongs to a state (a generation number). A text of an older state is built again, once for all callers
 * that wait for it. The cache has a limit in bytes.
 */
export interface CacheValue {
    readonly bytes: Uint8Array
}

interface CacheEntry<Item> {
    readonly state: number
    readonly text: Promise<Item>
    /** The size in bytes; 0 while the text is being built. */
    size: number
}

/** Keeps texts in memory, up to a number of bytes. The least recently used texts go first. */
export class TextCache<Item extends CacheValue> {
    private readonly bytesMax: number
    /** The least recently used text is first. */
    private readonly entries = new Map<string, CacheEntry<Item>>()

    constructor(bytesMax: number) {
        this.bytesMax = bytesMax
    }

    /** Returns the text of this state. `make` must read `state` or a later one. */
    async get(name: string, state: number, make: () => Promise<Item>): Promise<Item> {
        const existing = this.entries.get(name)
        if (existing?.state === state) {
            this.put(name, existing)
            // A failure of another caller may not repeat here.
            return await existing.text.catch(make)
        }
        // A late reader must not replace a newer text.
        if (existing !== undefined && existing.state > state) return await make()
        const entry: CacheEntry<Item> = { state, text: make(), size: 0 }
        this.put(name, entry)
        try {
            const text = await entry.text
            entry.size = text.bytes.length
            this.makeRoom()
            return text
        } catch (error) {
            if (this.entries.get(name) === entry) this.entries.delete(name)
            throw error
        }
    }

    private put(name: string, entry: CacheEntry<Item>): void {
        this.entries.delete(name)
        this.entries.set(name, entry)
    }

    private makeRoom(): void {
        let sum = this.entries.values().reduce((bytes, { size }) => bytes + size, 0)
        for (const [name, { size }] of this.entries) {
            if (sum <= this.bytesMax) return
            this.entries.delete(name)
            sum -= size
        }
    }
}
