/** An in-memory store of a partner's tool, for tests. */
import { createHash } from "node:crypto"
import type { FetchedCopy, HeldCopy, KnownKeys, KnownLog, Store } from "@tocsin/client/connect"

export class TestStore implements Store {
    knownLog: KnownLog | null = null
    knownKeys: KnownKeys | null = null
    heldCopies: HeldCopy[] = []
    readonly bytes = new Map<string, Uint8Array>()
    /** By receipt. */
    readonly proofs = new Map<string, string>()
    /** Returns the place of the copy with this name. */
    place = (name: string): string => name

    loadLog = async () => this.knownLog
    listCopies = async () => this.heldCopies
    saveLog = async (log: KnownLog) => {
        this.knownLog = log
    }
    loadKeys = async () => this.knownKeys
    saveKeys = async (keys: KnownKeys, log: KnownLog) => {
        this.knownKeys = keys
        this.knownLog = log
    }
    choosePlace = async (_warning: string, { name }: { readonly name: string }) => this.place(name)

    saveCopy = async ({ bytes, place, format: _, ...copy }: FetchedCopy) => {
        const held = { ...copy, file: place, sha256: createHash("sha256").update(bytes).digest("hex"), proven: false }
        this.bytes.set(place, bytes)
        this.heldCopies = [...this.heldCopies, held]
        return held
    }

    saveProof = async ({ receipt }: HeldCopy, proof: string, log: KnownLog) => {
        this.proofs.set(receipt, proof)
        this.heldCopies = this.heldCopies.map((holding) =>
            holding.receipt === receipt ? { ...holding, proven: true } : holding,
        )
        this.knownLog = log
    }
}
