/** The check of a text that is not saved: its issues, its slots, and what readers would read of it. */
import { useSettled } from "../../kit/form/typing-pause.ts"
import type { Artifact } from "../answers.ts"
import { type AnswerTo, useAnswer } from "../api.ts"

export type DraftCheck = AnswerTo<"/api/artifacts/check", "POST">
export type DraftSlot = DraftCheck["slots"][number]

const checkAfterMs = 600

/** The check of the text as it is; undefined while the text changes or is checked. Nothing is stored by it. */
export function useDraftCheck(
    { name, class: kind, tlp, pap }: Pick<Artifact, "name" | "class" | "tlp" | "pap">,
    text: string,
): DraftCheck | undefined {
    const checked = useSettled(text, checkAfterMs)
    const answer = useAnswer("/api/artifacts/check", { name, class: kind, tlp, pap, content: checked })
    return checked === text ? answer.data : undefined
}
