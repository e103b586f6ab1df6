/** An in-memory store of a partner's tool, for tests. */
import { createHash } from "node:crypto"
import type { Arrived, Held, Seen, Store } from "@tocsin/client/connect"

export class TestStore implements Store {
    seen: Seen | null = null
    held: Held[] = []
    readonly bytes = new Map<string, Uint8Array>()
    /** By receipt. */
    readonly proofs = new Map<string, string>()
    /** Returns the place of the copy with this name. */
    place = (name: string): string => name

    log = async () => this.seen
    copies = async () => this.held
    see = async (log: Seen) => {
        this.seen = log
    }
    placeFor = async (_warning: string, { name }: { readonly name: string }) => this.place(name)

    keep = async ({ bytes, ...copy }: Arrived) => {
        const held = { ...copy, sha256: createHash("sha256").update(bytes).digest("hex"), proven: false }
        this.bytes.set(copy.file, bytes)
        this.held = [...this.held, held]
        return held
    }

    keepProof = async ({ receipt }: Held, proof: string, log: Seen) => {
        this.proofs.set(receipt, proof)
        this.held = this.held.map((holding) => (holding.receipt === receipt ? { ...holding, proven: true } : holding))
        this.seen = log
    }
}
