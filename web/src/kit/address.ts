/** Reads and changes the address of a page: parameters of its path, and named texts after `?`. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router"

export function useParam(name: string): string {
    const params: unknown = useParams({ strict: false })
    return (params as Readonly<Record<string, string | undefined>>)[name] ?? ""
}

export type SearchTexts = Readonly<Record<string, string | undefined>>

/** Changes texts of the address; null removes one. `replace`: the back button skips the old address. */
export type ChangeSearch = (change: Readonly<Record<string, string | null>>, options?: { replace?: boolean }) => void

/** Returns the texts after `?` in the address, for filters and open panels, so that each has a link. */
export function useSearchTexts(): readonly [texts: SearchTexts, change: ChangeSearch] {
    const search: unknown = useSearch({ strict: false })
    const navigate = useNavigate()
    const texts = Object.fromEntries(
        Object.entries(search as Readonly<Record<string, unknown>>).map(([name, value]) => [name, String(value)]),
    )
    const change: ChangeSearch = (changed, { replace = false } = {}) => {
        const next = Object.entries({ ...texts, ...changed }).filter(([, value]) => value !== null && value !== "")
        void navigate({ to: ".", search: Object.fromEntries(next), replace, resetScroll: false } as never)
    }
    return [texts, change]
}
