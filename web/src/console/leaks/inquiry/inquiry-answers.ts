/** An inquiry as the console's API answers, as far as these screens read it. */
import type { AnswerTo } from "../../api.ts"

export type FindingRow = Opened["findings"][number]

export type QuestionRow = Opened["questions"][number]

export type Opened = AnswerTo<"/api/inquiries/{id}">

export interface PartProps {
    subject: Opened
    onDone: () => void
}
