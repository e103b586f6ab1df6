/** Who looks, what they may, and the names of what is otherwise an id. */
import { useQueries } from "@tanstack/react-query"
import { createContext, use } from "react"
import { has } from "../../trust/identity/access.ts"
import { read, useRead } from "../kit/api.ts"
import type { Approvals, Artifact, Cases, Me, Named, PartnerRow } from "./answers.ts"

export const Viewer = createContext<Me | null>(null)

export function useMe(): Me {
    const me = use(Viewer)
    if (me === null) throw new Error("nobody is signed in here")
    return me
}

/** The server's own rule, asked ahead for the buttons. */
export function useCan(): (need: string) => boolean {
    const { id, roles } = useMe()
    return (need) => has({ kind: "operator", person: id, roles }, need)
}

/** Why a button is off for this viewer; null where it is not. */
export function useWhyNot(): (need: string) => string | null {
    const can = useCan()
    return (need) => (can(need) ? null : `this needs ${need}`)
}

/** Reads what the viewer may read; else asks nothing. */
export function useMayRead<Answer>(need: string, path: string | null) {
    const can = useCan()
    return useRead<Answer>(can(need) ? path : null)
}

export const useCases = () => useMayRead<Cases>("case:read", "/api/cases")
export const usePartners = () => useMayRead<{ partners: readonly PartnerRow[] }>("partner:read", "/api/partners")

export interface Thing extends Artifact {
    readonly case: string
}

/** Every artifact that the viewer may know of. */
export function useArtifacts(): readonly Thing[] {
    const cases = useCases().data?.cases ?? []
    return useQueries({
        queries: cases.map(({ id }) => ({
            queryKey: [`/api/cases/${id}/artifacts`],
            queryFn: () => read<{ artifacts: readonly Artifact[] }>(`/api/cases/${id}/artifacts`),
        })),
        combine: (answers) =>
            answers.flatMap((answer, n) =>
                (answer.data?.artifacts ?? []).map((one) => ({ ...one, case: cases[n]?.id ?? "" })),
            ),
    })
}

export interface Names {
    readonly partner: (id: string) => string
    readonly artifact: (id: string) => string
    readonly case: (id: string) => string
    readonly person: (id: string) => string
}

/** Those whose names the viewer has come across; only some may read the list of persons. */
function useKnown(): ReadonlyMap<string, string> {
    const me = useMe()
    const persons = useMayRead<{ persons: readonly Named[] }>("person:read", "/api/persons").data?.persons ?? []
    const approvals = useMayRead<Approvals>("approval:read", "/api/approvals").data
    const signed = [...(approvals?.pending ?? []), ...(approvals?.recent ?? [])]
    const met = signed.flatMap(({ requestedBy, signedBy }) => [requestedBy, ...(signedBy === null ? [] : [signedBy])])
    return new Map([...met, ...persons, me].map(({ id, name }) => [id, name]))
}

export function useNames(): Names {
    const persons = useKnown()
    const partners = usePartners().data?.partners ?? []
    const cases = useCases().data?.cases ?? []
    const artifacts = useArtifacts()
    return {
        partner: (id) => partners.find((one) => one.id === id)?.name ?? id.slice(0, 8),
        artifact: (id) => artifacts.find((one) => one.id === id)?.name ?? id.slice(0, 8),
        person: (id) => persons.get(id) ?? id.slice(0, 8),
        case: (id) => cases.find((one) => one.id === id)?.title ?? id.slice(0, 8),
    }
}

/** By the program's clock; null until it is known, or where the viewer may not know. */
export function useNow(): string | null {
    const clock = useRead<{ now: string }>("/api/demo/clock").data
    const cases = useCases().data
    return clock?.now ?? cases?.now ?? null
}
