/** The form around a field: whether its text was changed, and where the draft is kept until it is sent. */
import { type ReactNode, createContext, use, useEffect, useMemo, useRef, useState } from "react"
import { type Drafts, draftMax, openDrafts, openTabDrafts } from "./drafts.ts"
import { englishOf } from "../messages/message.ts"

/** Undefined: not open yet. Null: drafts cannot be kept. */
const Book = createContext<Drafts | null | undefined>(null)

/** Provides drafts to everything that a signed-in person sees. */
export function DraftKeeper({ children }: { children: ReactNode }) {
    const [book, setBook] = useState<Drafts | null | undefined>(undefined)
    useEffect(() => {
        let drafts: Drafts | null = null
        let isGone = false
        const open = (found: Drafts | null) => {
            drafts = found
            if (isGone) found?.close()
            else setBook(found)
        }
        openDrafts().then(open, () => open(null))
        return () => {
            isGone = true
            drafts?.close()
        }
    }, [])
    return <Book value={book}>{children}</Book>
}

/** Provides drafts to a form without sign-in. */
export function TabDraftKeeper({ children }: { children: ReactNode }) {
    const [book, setBook] = useState<Drafts | null | undefined>(undefined)
    // After the first effects of the fields, which need the name of their form.
    useEffect(() => {
        void Promise.resolve(openTabDrafts()).then(setBook)
    }, [])
    return <Book value={book}>{children}</Book>
}

export interface Scope {
    readonly name: string
    readonly isDirty: () => boolean
    /** `isKept`: the text survives a reload. */
    readonly note: (label: string, state: { readonly isDirty: boolean; readonly isKept: boolean }) => void
    /** The text was sent or discarded. */
    readonly clear: () => void
    /**
     * Returns whether a field may keep its text under this label. The form's name must be unique on the page, and the
     * label unique in the form. Otherwise no field gets the text.
     */
    readonly claims: (label: string, field: object) => boolean
    readonly release: (label: string, field: object) => void
}

const DraftScope = createContext<Scope | null>(null)

export function InScope({ scope, children }: { scope: Scope | null; children: ReactNode }) {
    return <DraftScope value={scope}>{children}</DraftScope>
}

export const useScope = (): Scope | null => use(DraftScope)

/** Counts the forms of the page by name. */
const named = new Map<string, number>()

/** Creates the scope of a form; `title` distinguishes it from other forms of the page. */
export function useNewScope(title: string, kind = ""): Scope {
    const book = use(Book)
    const open = useRef(book)
    useEffect(() => {
        open.current = book
    }, [book])
    const dirty = useRef(new Set<string>())
    const unkept = useRef(new Set<string>())
    const owners = useRef(new Map<string, object>())
    const name = `${globalThis.location?.pathname ?? ""}\n${kind}${englishOf(title)}\n`
    useEffect(() => {
        named.set(name, (named.get(name) ?? 0) + 1)
        const stay = (event: Event) => {
            if (unkept.current.size > 0) event.preventDefault()
        }
        window.addEventListener("beforeunload", stay)
        return () => {
            named.set(name, (named.get(name) ?? 1) - 1)
            window.removeEventListener("beforeunload", stay)
        }
    }, [name])
    return useMemo(
        () => ({
            name,
            isDirty: () => dirty.current.size > 0,
            note: (label, { isDirty, isKept }) => {
                for (const [labels, isIn] of [
                    [dirty, isDirty],
                    [unkept, isDirty && !isKept],
                ] as const) {
                    if (isIn) labels.current.add(label)
                    else labels.current.delete(label)
                }
            },
            clear: () => {
                dirty.current.clear()
                unkept.current.clear()
                open.current?.drop(name)
            },
            claims: (label, field) => {
                if (!owners.current.has(label)) owners.current.set(label, field)
                return owners.current.get(label) === field && named.get(name) === 1
            },
            release: (label, field) => {
                if (owners.current.get(label) === field) owners.current.delete(label)
            },
        }),
        [name],
    )
}

interface Draft {
    readonly label: string
    readonly value: string
    readonly onChange: (value: string) => void
    /** Secrets are never kept. */
    readonly isSecret?: boolean
}

/** Keeps a field's text, and restores it if the field is shown again before it was sent. */
export function useDraft({ label, value, onChange, isSecret = false }: Draft): void {
    const book = use(Book)
    const scope = use(DraftScope)
    const first = useRef(value)
    const isRead = useRef(false)
    const wasDirty = useRef(false)
    const place = scope === null || isSecret ? null : `${scope.name}${englishOf(label)}\n`
    useEffect(() => {
        if (!book || place === null || isRead.current || !scope?.claims(label, first)) return
        isRead.current = true
        const kept = book.get(place)
        if (kept !== undefined && value === first.current && kept !== value) onChange(kept)
    }, [book, place, scope, label, value, onChange])
    useEffect(() => {
        const isDirty = value !== first.current
        const isKept = book !== null && place !== null && isRead.current && value.length <= draftMax
        // A lost secret can be pasted again.
        scope?.note(label, { isDirty, isKept: isKept || isSecret })
        if (book && place !== null && isRead.current) {
            if (isDirty && isKept) book.put(place, value)
            else if (wasDirty.current) book.drop(place)
        }
        wasDirty.current = isDirty
    }, [book, place, scope, label, value, isSecret])
    useEffect(
        () => () => {
            scope?.note(label, { isDirty: false, isKept: true })
            scope?.release(label, first)
        },
        [scope, label],
    )
}
