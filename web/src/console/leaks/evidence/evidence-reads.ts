/** Answers of the API about evidence, attribution and exposure, as far as these screens read them. */
import type { EvidenceKind } from "../../../../../server/src/trace/evidence/evidence.ts"
import type { IconName } from "../../../kit/layout/icon.tsx"
import { useMayRead } from "../../artifacts/viewer.tsx"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

export type EvidenceRow = Omit<AnswerTo<"/api/evidence">["evidence"][number], "isHeld">

export type Inside = NonNullable<EvidenceAnswer["archive"]>

/** One piece of evidence. */
export type EvidenceAnswer = AnswerTo<"/api/evidence/{id}">

export type SimilarAnswer = AnswerTo<"/api/evidence/{id}/similar">

/** Labels of the entries of a chain of custody, by event kind. */
export const custodyWords: Readonly<Record<string, string>> = {
    "evidence.added": t("Added"),
    "evidence.read": t("Evidence read"),
    "evidence.archive_extracted": t("Archive extracted"),
    "evidence.compared": t("Compared with other evidence and with public text"),
    "evidence.note_added": t("Note added"),
    "evidence.hold_placed": t("Legal hold placed"),
    "evidence.hold_lifted": t("Legal hold lifted"),
    "evidence.deleted": t("Deleted"),
    "evidence.custody_read": t("Chain of custody read"),
    "attribution.created": t("Attributed"),
    "attribution.failed": t("Attribution failed"),
    "attribution.read": t("Attribution read"),
    "cross_case_evidence.read": t("Cross-case evidence read"),
    "marks.codewords_read": t("Compared with the codewords of copies"),
    "marks.keys_disclosed": t("Keys disclosed to an expert"),
    "inquiry.expanded": t("Added to an inquiry"),
}

export type Best = NonNullable<AttributionAnswer["best"]>

export type AttributionAnswer = AnswerTo<"/api/attributions">["attributions"][number]

export function useEvidence() {
    return useMayRead("evidence:read", "/api/evidence")
}

export const kindNames: Readonly<Record<EvidenceKind, string>> = {
    exploitation: t("First exploitation"),
    public_proof_of_concept: t("Public proof of concept"),
    listed_as_exploited: t("Listed as exploited"),
    leak: t("Leak"),
    canary_touched: t("Canary touched"),
}

export const evidenceIcons: Readonly<Record<EvidenceKind, IconName>> = {
    leak: "file",
    exploitation: "alarm",
    public_proof_of_concept: "globe",
    listed_as_exploited: "log",
    canary_touched: "bell",
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
