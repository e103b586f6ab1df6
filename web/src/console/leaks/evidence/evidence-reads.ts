/** Answers of the API about evidence, attribution and exposure, as far as these screens read them. */
import type { EvidenceKind } from "../../../../../server/src/trace/evidence/evidence.ts"
import { useMayRead } from "../../artifacts/viewer.tsx"
import type { AnswerTo } from "../../api.ts"

export type EvidenceRow = Omit<AnswerTo<"/api/evidence">["evidence"][number], "isHeld">

export type Inside = NonNullable<EvidenceAnswer["archive"]>

/** One piece of evidence. */
export type EvidenceAnswer = AnswerTo<"/api/evidence/{id}">

export type LikenessAnswer = AnswerTo<"/api/evidence/{id}/similar">

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

export type Best = NonNullable<AttributionAnswer["best"]>

export type AttributionAnswer = AnswerTo<"/api/attributions">["attributions"][number]

export function useEvidence() {
    return useMayRead("evidence:read", "/api/evidence")
}

export const kindNames: Readonly<Record<EvidenceKind, string>> = {
    exploitation: "First exploitation",
    public_proof_of_concept: "Public proof of concept",
    listed_as_exploited: "Listed as exploited",
    leak: "Leak",
    canary_touched: "Canary touched",
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
        .map((evidence) => evidence.observedAt)
    return seen.toSorted().slice(0, 1)
}
