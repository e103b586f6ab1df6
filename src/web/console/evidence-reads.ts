/** What the API of evidence, attribution and exposure answers, as far as these screens read it. */
import type { EvidenceKind } from "../../trace/evidence/evidence.ts"
import type { ClockQuality } from "../../trace/sightings/sighting.ts"
import type { Verdict } from "../../lib/evidence.ts"
import type { Whose } from "../../lib/recipient.ts"
import type { HypothesisKey } from "../../trace/attribution/hypotheses.ts"
import type { QuotedNames } from "./quoted.tsx"
import { useMayRead } from "./viewer.tsx"

export interface EvidenceRow {
    readonly id: string
    readonly kind: EvidenceKind
    readonly case: string | null
    readonly cve: string | null
    readonly name: string
    readonly source: string
    readonly note: string
    readonly sha256: string | null
    readonly size: number | null
    readonly seenAt: string
    readonly clock: ClockQuality
    readonly filedBy: string | null
    readonly filedAt: string
}

export interface Ranked extends Whose {
    readonly log10e: number
    readonly words: string
    readonly accused: boolean
    readonly flips: number
}

export interface Best {
    readonly artifact: string
    readonly version: number
    readonly slots: { readonly total: number; readonly read: number; readonly erased: number; readonly mixed: number }
    readonly bar: number
    readonly lacking: number
    readonly unmarked: { readonly fits: number; readonly explains: boolean }
    readonly ranking: readonly Ranked[]
    readonly tests: number
    readonly runnerUp: Whose | null
    readonly hypotheses: readonly (Whose & {
        readonly key: HypothesisKey
        readonly title: string
        readonly log10: number
        readonly words: string
        readonly behind: number | null
    })[]
    readonly scale: string
    readonly inside: {
        readonly master: readonly string[]
        readonly polled: readonly string[]
        readonly madeAgain: readonly string[]
        readonly keys: readonly string[]
    }
    readonly together: readonly {
        readonly partners: readonly string[]
        readonly persons: readonly string[]
        readonly log10e: number
    }[]
    /** Counts for nothing. */
    readonly tripwire: {
        readonly total: number
        readonly read: number
        readonly fits: readonly (Whose & { readonly log10e: number })[]
    } | null
}

export interface AttributionAnswer {
    readonly id: string
    readonly at: string
    readonly madeBy: string | null
    readonly verdict: Verdict
    readonly summary: string
    readonly caution: string
    readonly alpha: number
    readonly tests: number
    readonly untested: number
    readonly quoted: QuotedNames | null
    readonly best: Best | null
}

export function useEvidence() {
    return useMayRead<{ evidence: readonly EvidenceRow[] }>("evidence:read", "/api/evidence")
}

export const kindNames: Readonly<Record<EvidenceKind, string>> = {
    exploitation: "First exploitation",
    "public proof of concept": "Public proof of concept",
    "listed as exploited": "Listed as exploited",
    leak: "Leak",
    "canary touched": "Canary touched",
}

export function nameOfEvidence({ kind, name, cve }: EvidenceRow): string {
    if (kind === "leak") return name
    return cve === null ? kindNames[kind] : `${kindNames[kind]}: ${cve}`
}

/** When exploitation of this case was seen; empty to those who may not know. */
export function useExploitations(caseId: string): readonly string[] {
    const all = useEvidence().data?.evidence ?? []
    const seen = all.filter((one) => one.kind === "exploitation" && one.case === caseId).map((one) => one.seenAt)
    return seen.toSorted().slice(0, 1)
}
