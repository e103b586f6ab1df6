/** Who looks, for which partner, and what they may. */
import { createContext, use } from "react"
import { has } from "../../trust/identity/access.ts"
import { reachesCases } from "../../trust/partners/partner.ts"
import { useRead } from "../kit/api.ts"
import type { Letter, Me, Warnings } from "./answers.ts"

export const Viewer = createContext<Me | null>(null)

export function useMe(): Me {
    const me = use(Viewer)
    if (me === null) throw new Error("nobody is signed in here")
    return me
}

export function useWhyNot(): (need: string) => string | null {
    const { person, partner } = useMe()
    const actor = { kind: "partner" as const, partner: partner.id, person: person.id, roles: person.roles }
    return (need) => (has(actor, need) ? null : "your organisation's lead does this")
}

/** Asked only while the standing reaches cases; else nothing would answer. */
export function useWarnings() {
    return useRead<Warnings>(reachesCases(useMe().partner.standing) ? "/api/warnings" : null)
}

export const useLetters = () => useRead<{ letters: readonly Letter[] }>("/api/letters")
