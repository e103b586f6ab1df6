/** Answers of the API about evidence, attribution and exposure, as far as these screens read them. */
import type { NotOpened } from "../../../../server/src/models/archive/entry.ts"
import type { Content } from "../../../../server/src/models/content-type.ts"
import type { NoteKind } from "../../../../server/src/trace/evidence/retention.ts"
import type { Alike, InPublic } from "../../../../server/src/trace/evidence/similarity.ts"
import type { EvidenceKind } from "../../../../server/src/trace/evidence/evidence.ts"
import type { ClockQuality } from "@tocsin/client/limits"
import type { Verdict } from "@tocsin/marks/evidence"
import type { Whose } from "@tocsin/marks/recipient"
import type { HypothesisKey } from "@tocsin/marks/evidence/hypotheses"
import type { QuotedNames } from "./quotation.tsx"
import type { Remade } from "../artifacts/reproduced-copy.tsx"
import { useMayRead } from "../artifacts/viewer.tsx"

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
    readonly is: Content | null
    readonly deletedAt: string | null
}

export interface Inside {
    readonly parts: readonly {
        readonly name: string
        readonly size: number
        readonly sha256: string | null
        readonly is: Content | null
        readonly why: NotOpened | null
        readonly isWeighed: boolean
    }[]
    readonly hasMore: boolean
    readonly isWhole: boolean
    readonly ended: string | null
}

/** One piece of evidence. */
export interface EvidenceAnswer extends EvidenceRow {
    readonly content: string | null
    readonly inside: Inside | null
    readonly notes: readonly {
        readonly id: string
        readonly about: NoteKind
        readonly text: string
        readonly by: string
        readonly at: string
    }[]
    readonly hold: {
        readonly id: string
        readonly reason: string
        readonly setBy: string
        readonly setAt: string
    } | null
    readonly deletion: { readonly reason: string; readonly by: string; readonly at: string } | null
}

export interface LikenessAnswer {
    readonly equals: readonly string[]
    readonly alike: readonly Alike[]
    readonly inPublic: (Omit<InPublic, "publicSince"> & { readonly publicSince: string }) | null
    readonly waiting: number
}

export interface Happened {
    readonly at: string
    readonly kind: string
    readonly by: string | null
    readonly leaf: number | null
    readonly detail: string | null
}

/** Labels by event kind. */
export const happenedWords: Readonly<Record<string, string>> = {
    "evidence.added": "filed",
    "evidence.read": "read",
    "evidence.archive_extracted": "opened as an archive",
    "evidence.compared": "compared with other evidence and what is public",
    "evidence.note_added": "a note added",
    "evidence.hold_placed": "put under legal hold",
    "evidence.hold_lifted": "legal hold lifted",
    "evidence.deleted": "deleted",
    "evidence.custody_read": "its custody read",
    "attribution.created": "attributed",
    "attribution.failed": "not attributed",
    "attribution.read": "its attribution read",
    "cross_case_evidence.read": "read in the ledger over all cases",
    "marks.codewords_read": "held against the words of copies",
    "marks.keys_disclosed": "a key opened for an expert",
    "inquiry.expanded": "brought into an inquiry",
}

export interface Ranked extends Whose {
    readonly log10e: number
    readonly words: string
    readonly identified: boolean
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
    readonly inside: Remade & { readonly master: readonly string[]; readonly polled: readonly string[] }
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
    /** Null: the text is from no known version, or predates error budgets. */
    readonly budget: { readonly tries: number; readonly spent: number; readonly words: string } | null
    /** Texts that match and that partners received unmarked. */
    readonly polled: readonly {
        readonly artifact: string
        readonly version: number
        readonly partners: readonly string[]
    }[]
    readonly quoted: QuotedNames | null
    readonly best: Best | null
}

export function useEvidence() {
    return useMayRead<{ evidence: readonly (EvidenceRow & { readonly isHeld: boolean })[] }>(
        "evidence:read",
        "/api/evidence",
    )
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

/** Reads the instants at which exploitation of this case was observed; empty if the viewer may not know. */
export function useExploitations(caseId: string): readonly string[] {
    const evidences = useEvidence().data?.evidence ?? []
    const seen = evidences
        .filter((evidence) => evidence.kind === "exploitation" && evidence.case === caseId)
        .map((evidence) => evidence.seenAt)
    return seen.toSorted().slice(0, 1)
}
