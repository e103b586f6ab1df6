/** A correction before it is requested: its texts and facts, and the requests that it becomes. */
import { useState } from "react"
import { canonical } from "@tocsin/base/canonical"
import type { Write } from "../../../kit/api.ts"
import { useSettled } from "../../../kit/form/typing-pause.ts"
import { type AnswerTo, useAnswer, writeTo } from "../../api.ts"
import type { Artifact, Case } from "../../answers.ts"
import { type TypedFacts, detailsOf } from "../../cases/case-form.tsx"
import type { Details } from "../../cases/case-rows.ts"
import type { BodyAt } from "../../../answer-at.ts"
import type { EditedText } from "./edit-text.tsx"

export type Proposed = BodyAt<"console", "POST", "/api/cases/{id}/publication/preview-correction">
export type Preview = AnswerTo<"/api/cases/{id}/publication/preview-correction", "POST">

export interface CorrectionDraft {
    readonly texts: Readonly<Record<string, EditedText>>
    /** Null: the facts were not opened. */
    readonly facts: TypedFacts | null
}

/** The changed facts; null where they are equal. Throws where a field is not valid. */
export function changedFacts(subject: Case, { facts }: CorrectionDraft): Details | null {
    if (facts === null) return null
    const details = detailsOf(facts)
    const { title, finder, vulnerabilities, credit = "" } = subject
    return canonical(asJson(details)) === canonical(asJson({ title, finder, vulnerabilities, credit })) ? null : details
}

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Parameters<typeof canonical>[0]

export function proposedBy({ texts }: CorrectionDraft, details: Details | null): Proposed {
    const sent = Object.entries(texts).map(([artifact, { text }]) => ({ artifact, content: text }))
    return { texts: sent, ...(details !== null && { details }) } as Proposed
}

const previewAfterMs = 500

/** The preview of what was typed, and whether it is of the newest text. `proposed` null: sends nothing. */
export function usePreview(caseId: string, proposed: Proposed | null) {
    const question = JSON.stringify(proposed)
    const settled = useSettled(question, previewAfterMs)
    const { data, error } = useAnswer(
        `/api/cases/${caseId}/publication/preview-correction`,
        JSON.parse(settled) as Proposed | null,
    )
    const [last, setLast] = useState<Preview | null>(null)
    if (data !== undefined && data !== last) setLast(data)
    const isCurrent = data !== undefined && settled === question
    return { preview: data ?? last, isCurrent, error }
}

/** The requests in their order: each new version and its release, then the facts. */
export function requestsFor(
    subject: Case,
    { texts }: CorrectionDraft,
    changed: readonly Artifact[],
    details: Details | null,
): readonly Write[] {
    const ofTexts = changed.flatMap(({ id, colluders }): Write[] => {
        const edited = texts[id]
        if (edited === undefined) return []
        const save = writeTo("PUT", `/api/artifacts/${id}`, { content: edited.text, colluders })
        const request = writeTo("POST", `/api/artifacts/${id}/release-late`, {})
        return edited.text === edited.content ? [request] : [save, request]
    })
    return [...ofTexts, ...(details === null ? [] : [writeTo("PUT", `/api/cases/${subject.id}`, details)])]
}
