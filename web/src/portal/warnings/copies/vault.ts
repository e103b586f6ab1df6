/**
 * The age identity and the opened copies, kept in this page's memory until sign-out or reload. They are never sent and
 * never stored.
 */
import { useSyncExternalStore } from "react"
import type { Part } from "../../answers.ts"

interface Vault {
    readonly identity: string | null
    readonly opened: ReadonlyMap<string, string>
}

const empty: Vault = { identity: null, opened: new Map() }
let vault = empty
const listeners = new Set<() => void>()

function change(next: Vault): void {
    vault = next
    for (const listener of listeners) listener()
}

export function useVault(): Vault {
    return useSyncExternalStore(
        (listener) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
        },
        () => vault,
    )
}

/** A newer version is another copy. */
const keyOf = ({ id, version }: Part): string => `${id} ${version}`

export const keepIdentity = (identity: string): void => change({ ...vault, identity })

export const keepOpened = (part: Part, text: string): void =>
    change({ ...vault, opened: new Map([...vault.opened, [keyOf(part), text]]) })

export const forgetIdentity = (): void => change(empty)

export const openedText = ({ opened }: Vault, part: Part): string | null => opened.get(keyOf(part)) ?? null
