/**
 * Keeps unsent text of a person in this browser, so that neither a reload nor an expired session loses it.
 *
 * All drafts are encrypted, including names of forms. The key comes from the server, is the same for one person in
 * every session, and stays in memory. The disk of this machine reveals no text. Signing out deletes the drafts.
 */
import { apiOf } from "./api.ts"

export interface Drafts {
    readonly get: (name: string) => string | undefined
    readonly put: (name: string, text: string) => void
    /** Deletes every draft whose name starts with this. */
    readonly drop: (start: string) => void
    /** Writes pending drafts and stops. */
    readonly close: () => void
}

interface Kept {
    readonly iv: Uint8Array<ArrayBuffer>
    readonly box: ArrayBuffer
}

const database = "tocsin"
const store = "drafts"
const { read } = apiOf<"both">()

const waitMs = 150
/** The limit per person. The oldest draft is dropped first. */
const draftsMax = 100
/** Longer texts come from files, which still exist. */
export const draftMax = 200_000

/** Opens the drafts; null: the browser stores nothing, and closing a page asks first. */
export async function openDrafts(): Promise<Drafts | null> {
    if (globalThis.indexedDB === undefined || globalThis.crypto.subtle === undefined) return null
    const { person, key: raw } = await read("/api/session/draft-key")
    const bytes = Uint8Array.from(atob(raw), (item) => item.charCodeAt(0))
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"])
    return keeping(person, key, await texts(person, key))
}

/** Drafts of a visitor without sign-in: in this tab, until it is closed. Null: the browser stores nothing. */
export function openTabDrafts(): Drafts | null {
    const start = "draft\n"
    try {
        const storage = window.sessionStorage
        return {
            get: (name) => storage.getItem(`${start}${name}`) ?? undefined,
            put: (name, text) => storage.setItem(`${start}${name}`, text),
            drop: (name) => {
                for (const key of Object.keys(storage)) if (key.startsWith(`${start}${name}`)) storage.removeItem(key)
            },
            close: () => undefined,
        }
    } catch {
        return null
    }
}

function keeping(person: string, key: CryptoKey, list: Map<string, string>): Drafts {
    let changes = new Map<string, string | null>()
    let waiting: number | undefined
    let isClosed = false
    const save = () => {
        window.clearTimeout(waiting)
        waiting = undefined
        const made = changes
        changes = new Map()
        if (made.size > 0) void draftsInTurn(() => write(person, key, made)).catch(() => undefined)
    }
    const note = (name: string, text: string | null) => {
        if (isClosed || forgotten.has(person)) return
        changes.delete(name)
        changes.set(name, text)
        waiting ??= window.setTimeout(save, waitMs)
    }
    window.addEventListener("pagehide", save)
    return {
        get: (name) => list.get(name),
        put: (name, text) => {
            if (list.get(name) === text) return
            list.set(name, text)
            note(name, text)
        },
        drop: (start) => {
            const gone = [...list.keys()].filter((name) => name.startsWith(start))
            for (const name of gone) {
                list.delete(name)
                note(name, null)
            }
            // Saves at once, so that a reload does not restore discarded text.
            save()
        },
        close: () => {
            window.removeEventListener("pagehide", save)
            save()
            isClosed = true
        },
    }
}

/** People who signed out in any tab of this browser. This page writes nothing more for them. */
const forgotten = new Set<string>()

/** A tab notifies the other tabs of a sign-out. */
const signedOut = globalThis.BroadcastChannel === undefined ? null : new BroadcastChannel("tocsin-drafts")
signedOut?.addEventListener("message", ({ data }) => forgotten.add(String(data)))

export async function forgetDrafts(person: string): Promise<void> {
    forgotten.add(person)
    signedOut?.postMessage(person)
    if (globalThis.indexedDB !== undefined)
        await draftsInTurn(() => inStore("readwrite", (drafts) => drafts.delete(person)))
}

/** Runs work of one name one after the other across tabs. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return globalThis.navigator.locks === undefined ? await work() : await navigator.locks.request(name, work)
}

/** No tab overwrites another's drafts, and no draft returns after a sign-out. */
const draftsInTurn = async (work: () => Promise<unknown>) => await inTurn("tocsin-drafts", work)

/** Reads the drafts. Drafts of another key, or unreadable ones, count as missing. */
async function texts(person: string, key: CryptoKey): Promise<Map<string, string>> {
    try {
        const kept = (await inStore("readonly", (drafts) => drafts.get(person))) as Kept | undefined
        if (kept === undefined) return new Map()
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, key, kept.box)
        return new Map(JSON.parse(new TextDecoder().decode(text)) as [string, string][])
    } catch {
        return new Map()
    }
}

/** Merges this page's changes into the drafts of all pages of the person. A null deletes a draft. */
async function write(person: string, key: CryptoKey, changes: ReadonlyMap<string, string | null>): Promise<void> {
    if (forgotten.has(person)) return
    const list = await texts(person, key)
    for (const [name, text] of changes) {
        list.delete(name)
        if (text !== null) list.set(name, text)
    }
    for (const oldest of [...list.keys()].slice(0, Math.max(0, list.size - draftsMax))) list.delete(oldest)
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const text = new TextEncoder().encode(JSON.stringify([...list]))
    const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text)
    await inStore("readwrite", (drafts) => (list.size === 0 ? drafts.delete(person) : drafts.put({ iv, box }, person)))
}

async function inStore(mode: IDBTransactionMode, ask: (drafts: IDBObjectStore) => IDBRequest): Promise<unknown> {
    const opening = indexedDB.open(database, 1)
    opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(store))
    const opened = (await answered(opening)) as IDBDatabase
    try {
        return await answered(ask(opened.transaction(store, mode).objectStore(store)))
    } finally {
        opened.close()
    }
}

function answered(request: IDBRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result))
        request.addEventListener("error", () => reject(request.error ?? new Error("the browser keeps nothing")))
    })
}
