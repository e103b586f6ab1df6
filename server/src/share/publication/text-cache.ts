/**
 * Texts that are asked for again and again, each as it was made last. Whoever asks says of which state it must be:
 * one that was made of another state is made anew, once, whoever else asks meanwhile. All together have so many bytes
 * at most.
 */
export interface Sized {
    readonly bytes: Uint8Array
}

interface One<Its> {
    readonly state: number
    readonly made: Promise<Its>
    /** The size in bytes; 0 while the text is being built. */
    size: number
}

/** Keeps texts in memory, up to a number of bytes. The least recently used texts go first. */
export class Kept<Its extends Sized> {
    private readonly bytesMax: number
    /** The least recently used text is first. */
    private readonly all = new Map<string, One<Its>>()

    constructor(bytesMax: number) {
        this.bytesMax = bytesMax
    }

    /** Returns the text of this state. `make` must read `state` or a later one. */
    async of(name: string, state: number, make: () => Promise<Its>): Promise<Its> {
        const known = this.all.get(name)
        if (known?.state === state) {
            this.put(name, known)
            // A failure of another caller may not repeat here.
            return await known.made.catch(make)
        }
        // A late reader must not replace a newer text.
        if (known !== undefined && known.state > state) return await make()
        const item: One<Its> = { state, made: make(), size: 0 }
        this.put(name, item)
        try {
            const input = await item.made
            item.size = input.bytes.length
            this.makeRoom()
            return input
        } catch (error) {
            if (this.all.get(name) === item) this.all.delete(name)
            throw error
        }
    }

    private put(name: string, item: One<Its>): void {
        this.all.delete(name)
        this.all.set(name, item)
    }

    private makeRoom(): void {
        let sum = this.all.values().reduce((bytes, { size }) => bytes + size, 0)
        for (const [name, { size }] of this.all) {
            if (sum <= this.bytesMax) return
            this.all.delete(name)
            sum -= size
        }
    }
}
